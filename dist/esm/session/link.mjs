/** One carrier's cursor in the log up, and the packets that it sends. A link has no other state. */
import { toJSON, byteLength } from '../platform/engine.mjs';
import { packet, VERSION, MAX_BATCH, encodeEntry } from '../protocol.mjs';
import { SLOWEST_LINE } from './health.mjs';

/** Bytes that a beacon may have, in UTF-8 (Fetch standard, 4.5: 64 KiB for all requests that outlive their page). */
const MAX_BEACON = 65536;
/** Bytes of a packet around its messages: names, numbers and brackets. */
const PACKET_FRAME = 100;
/** Milliseconds that the server has for an answer beyond its heartbeat and the time of the bytes. */
const ANSWER_TIME = 10000;
function createLink(session, { url, credentials, token }) {
    const { clock, outbox, volatile, fence } = session;
    const owner = {};
    // Invariant: the carrier has had messages up to this number, or the server has accepted them. A new cursor begins at
    // what is accepted, because everything else may have been lost on its way.
    let cursor = outbox.acceptedUpTo;
    /** Bytes of the binary message that the last packet announced. */
    let announced;
    const skipAccepted = () => {
        cursor = Math.max(cursor, outbox.acceptedUpTo);
    };
    const hasPending = () => session.isReplyDue() ||
        volatile.length > 0 ||
        Math.max(cursor, outbox.acceptedUpTo) < outbox.lastSequence;
    /**
     * Messages from an index on as entries of so many bytes, or one entry. A binary message that goes as a frame of its own
     * is the last one.
     */
    const encode = (messages, index, room, encodeBinary) => {
        const entries = [];
        let bytes = 0;
        for (; index < messages.length && !announced; index++) {
            const message = messages[index];
            const entry = encodeEntry(message, encodeBinary);
            const size = byteLength(entry);
            if (bytes + size > room && entries.length)
                break;
            entries.push(entry);
            bytes += size;
            if (!encodeBinary && typeof message.body !== 'string') {
                // `createMessage` has copied the bytes, so they are not shared memory.
                announced = message.body;
            }
        }
        return { entries, bytes };
    };
    /** The fields `probe`, `batch` and `volatile`, with the next messages: so many bytes in all, or one message. */
    const takePending = (encodeBinary, most = MAX_BATCH) => {
        skipAccepted();
        const first = cursor + 1;
        const batch = encode(outbox.messages, cursor - outbox.acceptedUpTo, most, encodeBinary);
        if (batch.entries.length) {
            cursor += batch.entries.length;
            outbox.handOut(cursor);
            session.roundTrip.sent(first, cursor);
        }
        // Volatile messages take the room that is left, or wait for the next packet.
        const room = most - batch.bytes;
        const passing = room > 0 ? encode(volatile, 0, room, encodeBinary) : { entries: [] };
        volatile.splice(0, passing.entries.length);
        return {
            probe: session.takePing(),
            batch: batch.entries.length ? `[${first},[${batch.entries}]]` : undefined,
            volatile: passing.entries.length ? `[${passing.entries}]` : undefined,
        };
    };
    return {
        url,
        credentials,
        clock,
        attach(fields, encodeBinary) {
            const t = fence.next(owner);
            const head = {
                attach: toJSON({
                    version: VERSION,
                    ...session.identity(),
                    ...{ t, want: fence.lowestWanted(), token },
                }),
                ack: session.takeAck(),
                accepted: outbox.acceptedUpTo,
                ...fields,
            };
            let room = MAX_BATCH;
            if (fields?.bye) {
                // A goodbye takes everything along once more, because requests in flight are cut off with the page.
                cursor = outbox.acceptedUpTo;
                room = Math.min(room, MAX_BEACON - PACKET_FRAME - byteLength(packet(head)));
            }
            const text = packet({ ...head, ...(encodeBinary && takePending(encodeBinary, room)) });
            return { text, t, timeout: ANSWER_TIME + session.heartbeat() + text.length / SLOWEST_LINE };
        },
        nextFrame() {
            const frame = announced;
            announced = undefined;
            if (frame)
                return frame;
            return hasPending() ? packet({ ack: session.takeAck(), ...takePending() }) : undefined;
        },
        hasPending,
        release: fence.release,
        releaseAll: () => fence.releaseAll(owner),
    };
}

export { createLink };
//# sourceMappingURL=link.mjs.map
