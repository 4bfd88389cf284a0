/** The log up: messages wait here, numbered 1, 2, 3 …, until the server has accepted them. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** `saved`: how far a former page of the session knew its log up to be accepted, and the messages after that. */
function createOutbox(clock, saved) {
    const messages = [];
    let acceptedUpTo = saved.accepted;
    let receivedUpTo = saved.accepted;
    /** How much of the message after the last received one the server has. */
    let receivedPart = 0;
    let bufferedBytes = 0;
    // Invariant: messages up to this number were given to a carrier, so they may have been processed. A saved log may
    // have gone out with the goodbye of its page.
    let lastHandedOut = saved.accepted + saved.log.length;
    let receiptOwedSince = Infinity;
    const push = (message) => {
        messages.push(message);
        bufferedBytes += message.size;
    };
    saved.log.forEach(push);
    return {
        messages,
        get acceptedUpTo() {
            return acceptedUpTo;
        },
        get lastSequence() {
            return acceptedUpTo + messages.length;
        },
        get bufferedBytes() {
            return bufferedBytes;
        },
        get unsentCount() {
            return acceptedUpTo + messages.length - lastHandedOut;
        },
        get receiptOwedSince() {
            return receiptOwedSince;
        },
        push,
        handOut(upTo) {
            lastHandedOut = Math.max(lastHandedOut, upTo);
            // Messages that go up again may have been received before, and then no receipt is owed.
            if (upTo > receivedUpTo)
                receiptOwedSince = Math.min(receiptOwedSince, clock.now());
        },
        acknowledge(received, accepted, partial) {
            const isNews = received > receivedUpTo || (received === receivedUpTo && partial > receivedPart);
            if (isNews) {
                receivedUpTo = received;
                receivedPart = partial;
                receiptOwedSince = received < lastHandedOut ? clock.now() : Infinity;
            }
            if (accepted > acceptedUpTo) {
                for (const { size } of messages.splice(0, accepted - acceptedUpTo))
                    bufferedBytes -= size;
                acceptedUpTo = accepted;
            }
        },
    };
}

exports.createOutbox = createOutbox;
