/** When silence means something. Suspicion costs a second carrier beside the first and nothing else, so it may come early. */
/** The slowest line on which deadlines still hold, in bytes a millisecond. */
const SLOWEST_LINE = 8;
/** Milliseconds in which messages must follow once an acknowledgement has named them, at least. */
const STALLED = 1000;
/** Milliseconds in which the server must confirm the receipt of messages, at least. */
const NOT_RECEIVED = 2000;
/** Round trips that either may take. */
const ROUND_TRIPS = 4;
/** When a proven carrier becomes suspect, and of what. */
function healthDeadline(health) {
    const patience = ROUND_TRIPS * health.rtt;
    // Behind HAProxy an answer overtakes the event of a stream by 200 ms in normal operation.
    const stalled = health.missingSince + Math.max(STALLED, patience);
    // A large message on a slow line is no silence, so the deadline grows with the bytes.
    const notReceived = health.receiptOwedSince + Math.max(NOT_RECEIVED, patience) + health.uploadTime;
    const due = Math.min(health.signOfLifeDue, stalled, notReceived);
    if (due === health.signOfLifeDue)
        return { due, reason: 'silent' };
    return { due, reason: due === notReceived ? 'not-received' : 'stalled' };
}
/** Weight of one sample in the smoothed round-trip time (RFC 6298, 2.3). */
const SAMPLE_WEIGHT = 1 / 8;
function createRoundTripTimer(clock) {
    let rtt = null;
    let timed;
    /** Number of the last message that was sent at all. */
    let lastSent = 0;
    return {
        get rtt() {
            return rtt;
        },
        sent(first, last) {
            if (timed && first <= timed.sequence)
                timed = undefined;
            if (last <= lastSent)
                return;
            lastSent = last;
            timed || (timed = { sequence: last, sentAt: clock.now() });
        },
        received(upTo) {
            if (!timed || upTo < timed.sequence)
                return;
            const sample = clock.now() - timed.sentAt;
            rtt = rtt ? rtt + (sample - rtt) * SAMPLE_WEIGHT : sample;
            timed = undefined;
        },
    };
}

export { SLOWEST_LINE, createRoundTripTimer, healthDeadline };
//# sourceMappingURL=health.mjs.map
