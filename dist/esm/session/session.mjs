/**
 * The client's half of a session: two numbered logs and the fence of its carriers. Each carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import { randomKey, toJSON } from '../platform/engine.mjs';
import { MAX_MESSAGE } from '../protocol.mjs';
import { createFence } from './fence.mjs';
import { healthDeadline, createRoundTripTimer } from './health.mjs';
import { createInbox } from './inbox.mjs';
import { createLink } from './link.mjs';
import { createOutbox } from './outbox.mjs';

/** Limits that hold before the server has announced its own. */
const DEFAULT_LIMITS = {
    heartbeat: 25000,
    maxMessage: MAX_MESSAGE,
    window: MAX_MESSAGE,
};
/** `saved`: a session to go on with, or the page of a new one that can be resumed. */
function createSession(clock, on, saved = {}) {
    const { key = randomKey(), page, position = [0, ''], accepted = 0, log = [] } = saved;
    let { epoch } = saved;
    let id = null;
    let serverLimits = DEFAULT_LIMITS;
    let retryBounds = [0, 0];
    let isAckRequested = false;
    let isPingRequested = false;
    let lastSentAt = clock.now();
    const volatile = [];
    const fence = createFence();
    const roundTrip = createRoundTripTimer(clock);
    const outbox = createOutbox(clock, { accepted, log });
    const requestAck = () => {
        isAckRequested = true;
        on.onPending();
    };
    const inbox = createInbox(clock, { onEntry: on.onMessage, hasListeners: on.hasListeners, onAckDue: requestAck }, position);
    const linkSession = {
        ...{ clock, outbox, volatile, fence, roundTrip },
        heartbeat: () => serverLimits.heartbeat,
        identity: () => ({ key, epoch, page }),
        isReplyDue: () => isAckRequested || isPingRequested || inbox.isAckDue(serverLimits.window),
        takeAck() {
            isAckRequested = false;
            lastSentAt = clock.now();
            return toJSON(inbox.acknowledge());
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
        outbox,
        volatile,
        ping() {
            isPingRequested = true;
            on.onPending();
        },
        healthDeadline: (signOfLifeDue, provenAt) => healthDeadline({
            signOfLifeDue,
            missingSince: Math.max(inbox.missingSince, provenAt) + inbox.redownloadAllowance,
            receiptOwedSince: Math.max(outbox.receiptOwedSince, provenAt),
            uploadTime: outbox.uploadTime(),
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
                outbox.acknowledge(receivedUpTo, acceptedUpTo);
                roundTrip.received(receivedUpTo);
            }
            if (batch && !inbox.receive(batch, tag, bytes))
                return on.onSessionLost('lost');
            inbox.noteHead(ack ? ack[3] : 0);
            if (passing && on.hasListeners())
                passing.forEach((entry) => on.onMessage(entry));
            // A heartbeat is answered if nothing was sent for long; any packet is an answer.
            const isSilent = clock.now() - lastSentAt > serverLimits.heartbeat / 2;
            if (isSilent || inbox.isAckDue(serverLimits.window))
                requestAck();
        },
        deliver: inbox.deliver,
        openLink(options) {
            inbox.onNewCarrier();
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
