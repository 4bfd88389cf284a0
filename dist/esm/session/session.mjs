/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import { toJSON } from '../platform/json.mjs';
import { randomKey } from '../platform/random-key.mjs';
import { MAX_MESSAGE, MAX_BATCH } from '../protocol/packets.mjs';
import { createFence } from './fence.mjs';
import { healthDeadline, SLOWEST_LINE } from './health.mjs';
import { createInbox } from './inbox.mjs';
import { createLink } from './link.mjs';
import { createOutbox } from './outbox.mjs';
import { createPacketSize, FIRST_PACKET } from './packet-size.mjs';
import { createRoundTripTimer } from './round-trip.mjs';

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS = {
    heartbeat: 25000,
    maxMessage: MAX_MESSAGE,
    maxBatch: MAX_BATCH,
    window: MAX_MESSAGE,
};
/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
function createSession(clock, on, saved = {}, introduction = {}) {
    const { key = randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved;
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
    const fence = createFence();
    const roundTrip = createRoundTripTimer(clock);
    const outbox = createOutbox(clock, { accepted, log });
    const requestAck = () => {
        isAckRequested = true;
        on.onPending();
    };
    const inbox = createInbox(clock, { onEntry: on.onMessage, hasListeners: on.hasListeners, onAckDue: requestAck }, position);
    /** Milliseconds that so many bytes, or a batch, take on the slowest line. */
    const batchTime = (bytes) => Math.min(bytes, serverLimits.maxBatch) / SLOWEST_LINE;
    const maxBatch = () => serverLimits.maxBatch;
    const linkSession = {
        ...{ clock, outbox, volatile, fence, roundTrip, maxBatch },
        sizeUp: createPacketSize(FIRST_PACKET, maxBatch),
        sizeDown: createPacketSize(MAX_BATCH, maxBatch),
        heartbeat: () => serverLimits.heartbeat,
        isBound: () => serverLimits.bound === 1,
        // The introduction counts when the session is created.
        identity: () => ({ key, page, ...(epoch ? { epoch } : introduction) }),
        renewedToken: () => renewedToken,
        onPending: on.onPending,
        isReplyDue: () => isAckRequested || isPingRequested || inbox.isAckDue(serverLimits.window),
        takeAck() {
            isAckRequested = false;
            lastSentAt = clock.now();
            return toJSON(inbox.acknowledge());
        },
        onTooLarge(length, refusedBytes) {
            const { first, messages } = outbox.withdraw(length);
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
            return roundTrip.rtt;
        },
        isForeign: ({ hello, end }) => (!!epoch && !!hello && hello.epoch !== epoch) ||
            (!!end && end[0] === 'gone' && end[1] === 'unknown'),
        outbox,
        volatile,
        uploadTime: () => batchTime(outbox.bufferedBytes),
        ping() {
            roundTrip.interrupt();
            isPingRequested = true;
            on.onPending();
        },
        renewToken(token) {
            renewedToken = token;
            on.onPending();
        },
        healthDeadline: (signOfLifeDue, provenAt, maxPacketDown = Infinity) => healthDeadline({
            signOfLifeDue,
            missingSince: Math.max(inbox.missingSince, provenAt),
            receiptOwedSince: Math.max(outbox.receiptOwedSince, provenAt),
            uploadTime: batchTime(outbox.bufferedBytes),
            // The next packet is soon there if packets are small. Twice its time, because a line may be shared.
            downloadTime: batchTime(Math.min(outstanding, 2 * maxPacketDown)),
            answerTime: roundTrip.answerTime,
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
                if (acceptedUpTo > receivedUpTo || receivedUpTo > outbox.lastSequence)
                    return false;
                outbox.acknowledge(receivedUpTo, acceptedUpTo, partial);
                roundTrip.received(receivedUpTo);
                outstanding = ack[4] || 0;
            }
            const problem = batch && inbox.receive(batch, tag, bytes);
            if (problem === 'malformed')
                return false;
            if (problem === 'lost') {
                on.onSessionLost('lost');
                return true;
            }
            inbox.noteHead(ack ? ack[2] : 0);
            if (passing && on.hasListeners())
                passing.forEach((entry) => on.onMessage(entry));
            if (token)
                on.onTokenAsked();
            // A heartbeat is answered if nothing was sent for long; any packet is an answer.
            const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2;
            if (isSilent || inbox.isAckDue(serverLimits.window))
                requestAck();
            return true;
        },
        deliver: inbox.deliver,
        openLink(options) {
            return createLink(linkSession, options);
        },
        save() {
            if (!epoch)
                return undefined;
            const { acceptedUpTo, messages, lastSequence } = outbox;
            // The goodbye may send the whole log, or the page that resumes.
            outbox.handOut(lastSequence);
            const { position: delivered } = inbox;
            return { key, epoch, page: page, position: delivered, accepted: acceptedUpTo, log: messages };
        },
    };
}

export { createSession };
//# sourceMappingURL=session.mjs.map
