/** The log up: messages wait here, numbered 1, 2, 3 …, until the server has accepted them. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** `saved`: how far a former page of the session knew its log up to be accepted, and the messages after that. */
function createOutbox(clock, saved) {
    const messages = [];
    /** How many carriers were given each message, without those on which it has certainly not arrived. */
    const copies = [];
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
        copies.push(0);
        bufferedBytes += message.size;
    };
    const handOut = (upTo, first = acceptedUpTo + 1) => {
        for (let index = first - acceptedUpTo - 1; index < upTo - acceptedUpTo; index++) {
            copies[index]++;
        }
        lastHandedOut = Math.max(lastHandedOut, upTo);
    };
    saved.log.forEach(push);
    handOut(lastHandedOut);
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
        handOut(upTo, first) {
            handOut(upTo, first);
            // Messages that go up again may have been received before, and then no receipt is owed.
            if (upTo > receivedUpTo)
                receiptOwedSince = Math.min(receiptOwedSince, clock.now());
        },
        takeBack(first, upTo) {
            for (let sequence = Math.max(first, acceptedUpTo + 1); sequence <= upTo; sequence++) {
                copies[sequence - acceptedUpTo - 1]--;
            }
            const atServer = receivedPart ? receivedUpTo + 1 : receivedUpTo;
            while (lastHandedOut > atServer && !copies[lastHandedOut - acceptedUpTo - 1])
                lastHandedOut--;
            receiptOwedSince = Infinity;
        },
        withdraw(length) {
            const isLong = ({ body }) => body.length >= length;
            const unsent = messages.splice(lastHandedOut - acceptedUpTo);
            copies.splice(lastHandedOut - acceptedUpTo);
            for (const { size } of unsent)
                bufferedBytes -= size;
            unsent.filter((message) => !isLong(message)).forEach(push);
            const withdrawn = unsent.filter(isLong);
            return { first: lastHandedOut + 1 + unsent.indexOf(withdrawn[0]), messages: withdrawn };
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
                copies.splice(0, accepted - acceptedUpTo);
                acceptedUpTo = accepted;
            }
        },
    };
}

exports.createOutbox = createOutbox;
