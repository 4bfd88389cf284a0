/** The log down: takes each number once and in order, delivers to listeners, and says when to acknowledge. */
import { MESSAGE_OVERHEAD } from '../protocol.mjs';

/**
 * Delayed acknowledgement: a received message is acknowledged within this many milliseconds even if nothing else is sent.
 */
const ACK_DELAY = 5000;
/** Share of the server's window that may be received and not acknowledged. */
const ACK_SHARE = 1 / 4;
/** Milliseconds more that missing messages may take when another carrier begins with them anew; twice as much each time. */
const FIRST_ALLOWANCE = 1000;
function createInbox(clock, on, saved) {
    /** Received and not delivered. Invariant: `waiting[0]` has the number `delivered + 1`. */
    const waiting = [];
    let [delivered, tag] = saved;
    /** Everything up to this position may be acknowledged. */
    let position = saved;
    let head = 0;
    let missingSince = Infinity;
    let redownloadAllowance = 0;
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
    return {
        get missingSince() {
            return missingSince;
        },
        get redownloadAllowance() {
            return redownloadAllowance;
        },
        get position() {
            return position;
        },
        receive([first, entries], batchTag, bytes) {
            // A batch that arrives shows that the rest is on its way.
            missingSince = Infinity;
            const known = lastReceived() + 1 - first;
            if (known < 0)
                return false;
            const fresh = entries.slice(known);
            if (fresh.length) {
                fresh.forEach((entry) => waiting.push(entry));
                tag = batchTag;
                unacknowledged += bytes + fresh.length * MESSAGE_OVERHEAD;
                deliver();
            }
            return true;
        },
        noteHead(named) {
            head = Math.max(head, named);
            if (head > lastReceived()) {
                missingSince = Math.min(missingSince, clock.now());
            }
            else {
                missingSince = Infinity;
                redownloadAllowance = 0;
            }
        },
        deliver,
        isAckDue: (window) => unacknowledged > window * ACK_SHARE,
        acknowledge() {
            unacknowledged = 0;
            deliveredSince = false;
            return position;
        },
        onNewCarrier() {
            if (missingSince < Infinity)
                redownloadAllowance = 2 * redownloadAllowance || FIRST_ALLOWANCE;
        },
    };
}

export { createInbox };
//# sourceMappingURL=inbox.mjs.map
