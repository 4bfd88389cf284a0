/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var json = require('../platform/json.cjs');
var randomKey = require('../platform/random-key.cjs');
var packets = require('../protocol/packets.cjs');
var fence = require('./fence.cjs');
var health = require('./health.cjs');
var inbox = require('./inbox.cjs');
var link = require('./link.cjs');
var outbox = require('./outbox.cjs');
var packetSize = require('./packet-size.cjs');
var roundTrip = require('./round-trip.cjs');

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS = {
    heartbeat: 25000,
    maxMessage: packets.MAX_MESSAGE,
    maxBatch: packets.MAX_BATCH,
    window: packets.MAX_MESSAGE,
};
/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
function createSession(clock, on, saved = {}, introduction = {}) {
    const { key = randomKey.randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved;
    let { epoch } = saved;
    let id = null;
    let protocol = null;
    let serverLimits = DEFAULT_LIMITS;
    let retryBounds = [0, 0];
    let isAckRequested = false;
    let isPingRequested = false;
    let lastSentAt = clock.now();
    /** Bytes of messages down that the server has and that are still to come, as it has said last. */
    let outstanding = 0;
    let renewedToken;
    const volatile = [];
    const fence$1 = fence.createFence();
    const roundTrip$1 = roundTrip.createRoundTripTimer(clock);
    const outbox$1 = outbox.createOutbox(clock, { accepted, log });
    const requestAck = () => {
        isAckRequested = true;
        on.onPending();
    };
    const inbox$1 = inbox.createInbox(clock, { onEntry: on.onMessage, hasListeners: on.hasListeners, onAckDue: requestAck }, position);
    /** Milliseconds that so many bytes, or a batch, take on the slowest line. */
    const batchTime = (bytes) => Math.min(bytes, serverLimits.maxBatch) / health.SLOWEST_LINE;
    const maxBatch = () => serverLimits.maxBatch;
    const linkSession = {
        ...{ clock, outbox: outbox$1, volatile, fence: fence$1, roundTrip: roundTrip$1, maxBatch },
        sizeUp: packetSize.createPacketSize(packetSize.FIRST_PACKET, maxBatch),
        sizeDown: packetSize.createPacketSize(packets.MAX_BATCH, maxBatch),
        heartbeat: () => serverLimits.heartbeat,
        isBound: () => serverLimits.bound === 1,
        // The introduction counts when the session is created.
        identity: () => ({ key, page, ...(epoch ? { epoch } : introduction) }),
        renewedToken: () => renewedToken,
        onPending: on.onPending,
        isReplyDue: () => isAckRequested || isPingRequested || inbox$1.isAckDue(serverLimits.window),
        takeAck() {
            isAckRequested = false;
            lastSentAt = clock.now();
            return json.toJSON(inbox$1.acknowledge());
        },
        onTooLarge(length, refusedBytes) {
            const { first, messages } = outbox$1.withdraw(length);
            if (messages.length)
                on.onTooLarge(messages, first, refusedBytes);
        },
        takePing() {
            const isRequested = isPingRequested;
            isPingRequested = false;
            return isRequested ? 1 : undefined;
        },
    };
    return {
        get id() {
            return id;
        },
        get protocol() {
            return protocol;
        },
        get serverLimits() {
            return serverLimits;
        },
        get retryBounds() {
            return retryBounds;
        },
        get lastSentAt() {
            return lastSentAt;
        },
        get rtt() {
            return roundTrip$1.rtt;
        },
        isForeign: ({ hello, end }) => (!!epoch && !!hello && hello.epoch !== epoch) ||
            (!!end && end[0] === 'gone' && end[1] === 'unknown'),
        outbox: outbox$1,
        volatile,
        uploadTime: () => batchTime(outbox$1.bufferedBytes),
        ping() {
            roundTrip$1.interrupt();
            isPingRequested = true;
            on.onPending();
        },
        renewToken(token) {
            renewedToken = token;
            on.onPending();
        },
        healthDeadline: (signOfLifeDue, provenAt, maxPacketDown = Infinity) => health.healthDeadline({
            signOfLifeDue,
            missingSince: Math.max(inbox$1.missingSince, provenAt),
            receiptOwedSince: Math.max(outbox$1.receiptOwedSince, provenAt),
            uploadTime: batchTime(outbox$1.bufferedBytes),
            // The next packet is soon there if packets are small. Twice its time, because a line may be shared.
            downloadTime: batchTime(Math.min(outstanding, 2 * maxPacketDown)),
            answerTime: roundTrip$1.answerTime,
        }),
        receive({ hello, ack, batch, tag = '', volatile: passing, token, retryAfter }, bytes) {
            if (hello) {
                if (epoch && hello.epoch !== epoch) {
                    on.onSessionLost('unknown');
                    return true;
                }
                serverLimits = hello;
                ({ id, epoch } = hello);
                protocol = hello.protocol || null;
                retryBounds = hello.retryAfter || [0, 0];
            }
            if (retryAfter)
                retryBounds = retryAfter;
            if (ack) {
                const [receivedUpTo, acceptedUpTo, , partial = 0] = ack;
                if (acceptedUpTo > receivedUpTo || receivedUpTo > outbox$1.lastSequence)
                    return false;
                outbox$1.acknowledge(receivedUpTo, acceptedUpTo, partial);
                roundTrip$1.received(receivedUpTo);
                outstanding = ack[4] || 0;
            }
            const problem = batch && inbox$1.receive(batch, tag, bytes);
            if (problem === 'malformed')
                return false;
            if (problem === 'lost') {
                on.onSessionLost('lost');
                return true;
            }
            inbox$1.noteHead(ack ? ack[2] : 0);
            if (passing && on.hasListeners())
                passing.forEach((entry) => on.onMessage(entry));
            if (token)
                on.onTokenAsked();
            // A heartbeat is answered if nothing was sent for long; any packet is an answer.
            const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2;
            if (isSilent || inbox$1.isAckDue(serverLimits.window))
                requestAck();
            return true;
        },
        deliver: inbox$1.deliver,
        openLink(options) {
            return link.createLink(linkSession, options);
        },
        save() {
            if (!epoch)
                return undefined;
            const { acceptedUpTo, messages, lastSequence } = outbox$1;
            // The goodbye may send the whole log, or the page that resumes.
            outbox$1.handOut(lastSequence);
            const { position: delivered } = inbox$1;
            return { key, epoch, page: page, position: delivered, accepted: acceptedUpTo, log: messages };
        },
    };
}

exports.createSession = createSession;
