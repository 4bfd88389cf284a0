/** The log down: takes each number once and in order, delivers to listeners, and says when to acknowledge. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var packets = require('../protocol/packets.cjs');
var parts = require('../protocol/parts.cjs');

/**
 * Delayed acknowledgement: a received message is acknowledged within this many milliseconds even if nothing else is sent.
 */
const ACK_DELAY = 5000;
/** Share of the server's window that may be received and not acknowledged. */
const ACK_SHARE = 1 / 4;
function createInbox(clock, on, saved) {
    /** Received and not delivered. Invariant: `waiting[0]` has the number `delivered + 1`. */
    const waiting = [];
    let [delivered, tag] = saved;
    /** Everything up to this position may be acknowledged. */
    let position = saved;
    /** The beginning of the message after the last received one. */
    let partial;
    let head = 0;
    let missingSince = Infinity;
    /** Bytes that were received since the last acknowledgement, with {@link MESSAGE_OVERHEAD} for each message. */
    let unacknowledged = 0;
    /** Whether a message was delivered since the last acknowledgement. */
    let deliveredSince = false;
    let ackTimerRuns = false;
    const lastReceived = () => delivered + waiting.length;
    // One timer for all messages of an interval, because a timer costs more than a message.
    const startAckTimer = () => {
        if (ackTimerRuns)
            return;
        ackTimerRuns = true;
        clock.after(ACK_DELAY, () => {
            ackTimerRuns = false;
            if (deliveredSince)
                on.onAckDue();
        });
    };
    const deliver = () => {
        while (waiting.length && on.hasListeners()) {
            const entry = waiting.shift();
            delivered++;
            deliveredSince = true;
            startAckTimer();
            // A tag belongs to the last message of its batch: where tags are used, only whole batches are acknowledged.
            if (!tag || !waiting.length)
                position = [delivered, tag];
            on.onEntry(entry);
        }
    };
    /** The message that an entry completes; nothing if it is a part, and others are still to come. */
    const complete = (entry) => {
        if (!parts.isPart(entry))
            return entry;
        const added = parts.addPart(partial, entry);
        if (added === 'gap')
            return 'lost';
        if (added === 'malformed')
            return added;
        partial = added;
        return added.length < added.size ? undefined : parts.joinParts(added) || 'malformed';
    };
    return {
        get missingSince() {
            return missingSince;
        },
        get position() {
            return position;
        },
        receive([first, entries], batchTag, bytes) {
            // A batch that arrives shows that the rest is on its way.
            missingSince = Infinity;
            const known = lastReceived() + 1 - first;
            if (known < 0)
                return 'lost';
            const before = partial;
            for (const entry of entries.slice(known)) {
                const message = complete(entry);
                if (typeof message === 'string')
                    return message;
                // The rest of a message in parts comes with another batch.
                if (!message)
                    break;
                partial = undefined;
                tag = batchTag;
                waiting.push(message);
                unacknowledged += packets.MESSAGE_OVERHEAD;
            }
            if (entries.length > known || partial !== before)
                unacknowledged += bytes;
            deliver();
            return undefined;
        },
        noteHead(named) {
            head = Math.max(head, named);
            missingSince = head > lastReceived() ? Math.min(missingSince, clock.now()) : Infinity;
        },
        deliver,
        isAckDue: (window) => unacknowledged > window * ACK_SHARE,
        acknowledge() {
            unacknowledged = 0;
            deliveredSince = false;
            // Messages that wait for a listener stand between the position and the beginning of a later one.
            const hasPartial = partial && position[0] === lastReceived();
            return hasPartial ? [...position, partial.length] : position;
        },
    };
}

exports.createInbox = createInbox;
