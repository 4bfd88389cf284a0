/** The bodies of one carrier's requests, which a box on the way may limit: the room in them, and the end of those that it refuses. */
import { MAX_ENTRIES } from '../protocol/packets.mjs';
import { byteLength } from '../protocol/utf8.mjs';

/** Bytes of a packet around its messages: names, numbers and brackets. */
const PACKET_FRAME = 100;
/** Milliseconds that a message waits for another way, where no body passes that has one. */
const OTHER_WAY = 10000;
function createRequestBodies(session, limit) {
    const { clock, outbox, roundTrip, maxBatch, onPending, onTooLarge } = session;
    /** Bytes of the first packet; `undefined`: the carrier makes no requests. */
    let headBytes;
    /** Numbers of the first message in the last body, and of the one after its last. */
    let first = 1;
    let end = 1;
    /** Bodies on their way that have messages, by their numbers. */
    const sent = {};
    /** Messages that are as long as what was refused go back to the application. */
    const giveUp = (bytes, length) => {
        // The network is another one, or another carrier has tried again.
        if (limit.bytes)
            return;
        const { isConfirmed } = limit;
        limit.tryAgain();
        if (isConfirmed)
            onTooLarge(length, bytes);
        onPending();
    };
    return {
        begin(head) {
            headBytes = head;
            first = end;
        },
        room: () => headBytes === undefined
            ? maxBatch()
            : Math.max(0, Math.min(maxBatch(), limit.bytes - PACKET_FRAME - headBytes)),
        most: () => (headBytes !== undefined && limit.isSingle ? 1 : MAX_ENTRIES),
        put(from, to) {
            first = from;
            end = to + 1;
        },
        send({ t, text }) {
            // Messages have a line of their own.
            if (text.indexOf('\n') < 0)
                return;
            const bytes = byteLength(text);
            const [from, to] = [first, end - 1];
            sent[t] = {
                ...{ first, bytes, messages: end - first, room: bytes - headBytes - PACKET_FRAME },
                takeBack: () => outbox.takeBack(from, to),
            };
            limit.send(sent[t]);
        },
        answered({ t, text }, status) {
            const body = sent[t];
            delete sent[t];
            if (status === undefined) {
                limit.pass(byteLength(text), body);
                return false;
            }
            if (!body) {
                limit.refuseBare();
                return false;
            }
            if (!limit.refuse(body, status))
                return false;
            roundTrip.interrupt();
            if (!limit.bytes) {
                const message = outbox.messages[body.first - outbox.acceptedUpTo - 1];
                const length = Math.min(message?.body.length ?? Infinity, body.room);
                clock.after(OTHER_WAY, () => giveUp(body.bytes, length));
            }
            return true;
        },
    };
}

export { PACKET_FRAME, createRequestBodies };
//# sourceMappingURL=request-bodies.mjs.map
