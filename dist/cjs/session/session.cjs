/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('../platform/engine.cjs');
var protocol = require('../protocol.cjs');
var fence = require('./fence.cjs');
var health = require('./health.cjs');
var inbox = require('./inbox.cjs');
var link = require('./link.cjs');
var outbox = require('./outbox.cjs');

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS = {
    heartbeat: 25000,
    maxMessage: protocol.MAX_MESSAGE,
    window: protocol.MAX_MESSAGE,
};
/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
function createSession(clock, on, saved = {}) {
    const { key = engine.randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved;
    let { epoch } = saved;
    let id = null;
    let serverLimits = DEFAULT_LIMITS;
    let retryBounds = [0, 0];
    let isAckRequested = false;
    let isPingRequested = false;
    let lastSentAt = clock.now();
    const volatile = [];
    const fence$1 = fence.createFence();
    const roundTrip = health.createRoundTripTimer(clock);
    const outbox$1 = outbox.createOutbox(clock, { accepted, log });
    const requestAck = () => {
        isAckRequested = true;
        on.onPending();
    };
    const inbox$1 = inbox.createInbox(clock, { onEntry: on.onMessage, hasListeners: on.hasListeners, onAckDue: requestAck }, position);
    const linkSession = {
        ...{ clock, outbox: outbox$1, volatile, fence: fence$1, roundTrip },
        heartbeat: () => serverLimits.heartbeat,
        identity: () => ({ key, epoch, page }),
        isReplyDue: () => isAckRequested || isPingRequested || inbox$1.isAckDue(serverLimits.window),
        takeAck() {
            isAckRequested = false;
            lastSentAt = clock.now();
            return engine.toJSON(inbox$1.acknowledge());
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
        get serverLimits() {
            return serverLimits;
        },
        get retryBounds() {
            return retryBounds;
        },
        get rtt() {
            return roundTrip.rtt;
        },
        outbox: outbox$1,
        volatile,
        ping() {
            isPingRequested = true;
            on.onPending();
        },
        healthDeadline: (signOfLifeDue, provenAt) => health.healthDeadline({
            signOfLifeDue,
            missingSince: Math.max(inbox$1.missingSince, provenAt) + inbox$1.redownloadAllowance,
            receiptOwedSince: Math.max(outbox$1.receiptOwedSince, provenAt),
            uploadTime: outbox$1.uploadTime(),
            rtt: roundTrip.rtt || 0,
        }),
        receive({ hello, ack, batch, tag = '', volatile: passing, retryAfter }, bytes) {
            if (hello) {
                id = hello.id;
                serverLimits = hello;
                retryBounds = hello.retryAfter || [0, 0];
            }
            if (retryAfter)
                retryBounds = retryAfter;
            if (ack) {
                const [serverEpoch, receivedUpTo, acceptedUpTo] = ack;
                if (epoch && serverEpoch !== epoch)
                    return on.onSessionLost('unknown');
                epoch = serverEpoch;
                outbox$1.acknowledge(receivedUpTo, acceptedUpTo);
                roundTrip.received(receivedUpTo);
            }
            if (batch && !inbox$1.receive(batch, tag, bytes))
                return on.onSessionLost('lost');
            inbox$1.noteHead(ack ? ack[3] : 0);
            if (passing && on.hasListeners())
                passing.forEach((entry) => on.onMessage(entry));
            // A heartbeat is answered if nothing was sent for long; any packet is an answer.
            const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2;
            if (isSilent || inbox$1.isAckDue(serverLimits.window))
                requestAck();
        },
        deliver: inbox$1.deliver,
        openLink(options) {
            inbox$1.onNewCarrier();
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
