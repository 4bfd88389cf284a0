'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** When silence means something. Suspicion costs a second carrier beside the first and nothing else, so it may come early. */
/** The slowest line on which deadlines still hold, in bytes a millisecond. */
const SLOWEST_LINE = 8;
/** Milliseconds in which messages must follow once an acknowledgement has named them, at least. */
const STALLED = 1000;
/** Milliseconds in which the server must confirm the receipt of messages, at least. */
const NOT_RECEIVED = 2000;
/** When a proven carrier becomes suspect, and of what. */
function healthDeadline(health) {
    // Behind HAProxy an answer overtakes the event of a stream by 200 ms in normal operation. A large message on a slow line
    // is no silence, so deadlines grow with the bytes.
    const stalled = health.missingSince + Math.max(STALLED, health.answerTime) + health.downloadTime;
    const notReceived = health.receiptOwedSince + Math.max(NOT_RECEIVED, health.answerTime) + health.uploadTime;
    const due = Math.min(health.signOfLifeDue, stalled, notReceived);
    if (due === health.signOfLifeDue)
        return { due, reason: 'silent' };
    return { due, reason: due === notReceived ? 'not-received' : 'stalled' };
}

exports.SLOWEST_LINE = SLOWEST_LINE;
exports.healthDeadline = healthDeadline;
