/** One carrier's cursor in the log up, and the packets that it sends. */
import { toJSON } from '../platform/json.mjs';
import { packet, VERSION } from '../protocol/packets.mjs';
import { encodeEntry } from '../protocol/messages.mjs';
import { byteLength } from '../protocol/utf8.mjs';
import { createBodyLimit } from './body-limit.mjs';
import { SLOWEST_LINE } from './health.mjs';
import { createRequestBodies, PACKET_FRAME } from './request-bodies.mjs';
import { createUploadWindow } from './upload-window.mjs';
import { takeVolatile } from './take-volatile.mjs';

/** Bytes in UTF-8 of all requests together that outlive their page (Fetch standard, 4.6: 64 KiB). */
const MAX_LASTING = 65536;
/** Milliseconds that the server has for an answer beyond its heartbeat and the time of the bytes. */
const ANSWER_TIME = 10000;
/** Milliseconds until messages are sent again that the server did not take. */
const GAP_PAUSE = 1000;
function createLink(session, options) {
    const { clock, outbox, volatile, fence, sizeUp, sizeDown } = session;
    const { url, credentials, heartbeat, pad, bodyLimit = createBodyLimit() } = options;
    const { maxPacketDown = Infinity } = options;
    const owner = {};
    let { token } = options;
    // Invariant: the carrier has had everything before the cursor, or the server has accepted it. A new cursor begins at what
    // is accepted, because everything else may have been lost on its way.
    let cursor = { sequence: outbox.acceptedUpTo + 1, offset: 0 };
    /** How far the server has the log up, by the last acknowledgement on this carrier. */
    let serverHas;
    /** The place where the server did not go on when it last did not take messages, and until when they wait. */
    let lastGap;
    let waitsUntil = 0;
    /** Bytes of the binary message that the last packet announced. */
    let announced;
    const window = createUploadWindow(clock, sizeUp);
    const bodies = createRequestBodies(session, bodyLimit);
    const isBefore = (place, other) => place.sequence < other.sequence ||
        (place.sequence === other.sequence && place.offset < other.offset);
    const skipAccepted = () => {
        if (cursor.sequence <= outbox.acceptedUpTo) {
            cursor = { sequence: outbox.acceptedUpTo + 1, offset: 0 };
        }
    };
    /**
     * The next message to send. A large one that has begun to go up waits until this carrier's server has said how much of it is
     * there.
     */
    const nextMessage = () => {
        const index = Math.max(cursor.sequence - outbox.acceptedUpTo - 1, 0);
        const message = outbox.messages[index];
        const hasBegun = index < outbox.messages.length - outbox.unsentCount;
        const isHeld = message && hasBegun && !serverHas && message.body.length > sizeUp.bytes();
        return isHeld || !bodies.room() || clock.now() < waitsUntil ? undefined : message;
    };
    const isTokenDue = () => {
        const renewed = session.renewedToken();
        return renewed !== undefined && renewed !== token;
    };
    /** Bytes that packets down are to have. */
    const mostDown = () => Math.min(sizeDown.bytes(), maxPacketDown);
    /** Whether something is to be sent beside numbered messages. */
    const isReplyDue = () => session.isReplyDue() || isTokenDue() || volatile.length > 0;
    /** The field `batch` with the next messages, or a part of one, of so many bytes. */
    const takeBatch = (room, encodeBinary) => {
        skipAccepted();
        const first = cursor.sequence;
        const entries = [];
        let bytes = 0;
        for (let message; room > bytes && !announced && (message = nextMessage());) {
            const entry = encodeEntry(message, cursor.offset, room - bytes, !bytes, encodeBinary);
            // A message that fits the next batch is not cut to fill this one.
            const isWhole = entry?.end === message.body.length;
            if (!entry || (bytes && !isWhole) || entries.length === bodies.most())
                break;
            entries.push(entry.text);
            bytes += entry.bytes;
            // `createMessage` has copied the bytes, so they are not shared memory.
            announced = entry.frame;
            cursor = isWhole
                ? { sequence: cursor.sequence + 1, offset: 0 }
                : { ...cursor, offset: entry.end };
            if (!isWhole)
                break;
        }
        if (!bytes)
            return { text: '', bytes };
        const lastWhole = cursor.sequence - 1;
        const lastInPart = cursor.offset ? cursor.sequence : lastWhole;
        outbox.handOut(lastInPart, first);
        bodies.put(first, lastInPart);
        if (lastWhole >= first)
            session.roundTrip.sent(first, lastWhole);
        window.add(cursor, bytes);
        return { text: `[${first},[${entries}]]`, bytes };
    };
    /** The fields `probe`, `batch` and `volatile`, with the next messages: so many bytes in all, and of numbered ones. */
    const takePending = (most, mostNumbered, encodeBinary) => {
        const batch = takeBatch(mostNumbered, encodeBinary);
        const taken = announced
            ? { text: '' }
            : takeVolatile(volatile, most - batch.bytes, bodies.room(), encodeBinary);
        announced || (announced = taken.frame);
        return { probe: session.takePing(), batch: batch.text, volatile: taken.text };
    };
    const takeToken = () => {
        if (isTokenDue())
            token = session.renewedToken();
        return token;
    };
    /** The first packet of a request or WebSocket: whose it is, and how far the log down was taken. */
    const headFields = (t, needsToken) => ({
        attach: toJSON({
            version: VERSION,
            ...session.identity(),
            ...(heartbeat ? { heartbeat } : {}),
            ...(mostDown() < session.maxBatch() ? { maxBatch: mostDown() } : {}),
            ...(pad ? { pad } : {}),
            ...{ t, want: fence.lowestWanted(), token: needsToken ? takeToken() : undefined },
        }),
        ack: session.takeAck(),
        accepted: outbox.acceptedUpTo,
    });
    /** A packet with `attach`, and one with messages below. The goodbye is in the last of them (PROTOCOL.md 6.10). */
    const attachPacket = (t, head, messages, bye) => {
        const hasMessages = packet(messages) !== '{}';
        const text = hasMessages
            ? `${packet(head)}\n${packet({ ...messages, bye })}`
            : packet({ ...head, bye });
        return { text, t, timeout: ANSWER_TIME + session.heartbeat() + text.length / SLOWEST_LINE };
    };
    return {
        url,
        credentials,
        clock,
        attach(fields = {}, encodeBinary) {
            const t = fence.next(owner);
            const isExchange = !!encodeBinary || !!fields.answer || !!fields.stream;
            const needsToken = !isExchange || !serverHas || !session.isBound() || isTokenDue();
            const hello = isExchange && !serverHas ? 1 : undefined;
            const { bye } = fields;
            // A goodbye stands in the last packet, because nothing is read behind it.
            const head = { ...headFields(t, needsToken), hello, ...fields, bye: undefined };
            // A goodbye takes everything along once more, because requests in flight are aborted.
            if (bye)
                cursor = { sequence: outbox.acceptedUpTo + 1, offset: 0 };
            if (isExchange)
                bodies.begin(byteLength(packet(head)));
            const room = bodies.room();
            const mostNumbered = bye ? room : Math.min(room, sizeUp.bytes());
            const messages = encodeBinary ? takePending(room, mostNumbered, encodeBinary) : {};
            const body = attachPacket(t, head, messages, bye);
            if (isExchange)
                bodies.send(body);
            return body;
        },
        lastWords(encodeBinary, isFinal, bye) {
            const t = fence.next(owner);
            const head = headFields(t, !session.isBound() || isTokenDue());
            const headBytes = byteLength(packet({ ...head, bye }));
            bodies.begin(headBytes);
            const room = Math.min(bodies.room(), MAX_LASTING - PACKET_FRAME - headBytes);
            const messages = takePending(room, room, encodeBinary);
            const isLast = isFinal || !nextMessage();
            return { ...attachPacket(t, head, messages, isLast ? bye : undefined), isLast };
        },
        nextFrame(isEnding) {
            const frame = announced;
            announced = undefined;
            if (frame)
                return frame;
            const maxBatch = session.maxBatch();
            const mostNumbered = isEnding ? maxBatch : window.hasRoom() ? sizeUp.bytes() : 0;
            if (!isReplyDue() && !(mostNumbered && nextMessage()))
                return undefined;
            return packet({
                ack: session.takeAck(),
                token: isTokenDue() ? toJSON(takeToken()) : undefined,
                ...takePending(maxBatch, mostNumbered),
            });
        },
        bodyAnswered(body, status) {
            if (!bodies.answered(body, status))
                return false;
            const start = { sequence: outbox.acceptedUpTo + 1, offset: 0 };
            cursor = serverHas && isBefore(start, serverHas) ? serverHas : start;
            window.clear();
            return true;
        },
        hasPending: () => isReplyDue() || !!nextMessage(),
        receive({ ack, gap }, isUpIdle) {
            if (!ack)
                return;
            const [received, , , partial = 0] = ack;
            const place = { sequence: received + 1, offset: partial };
            serverHas = place;
            // The place of a packet is where the next one begins.
            window.receive(place);
            if (gap || (isUpIdle && isBefore(place, cursor))) {
                // The server did not take messages, or a node that had taken them has died.
                cursor = place;
                window.clear();
                const isRepeated = lastGap && !isBefore(lastGap, place);
                lastGap = place;
                if (!isRepeated)
                    return;
                waitsUntil = clock.now() + GAP_PAUSE;
                clock.after(GAP_PAUSE, session.onPending);
            }
            else if (isBefore(cursor, place)) {
                cursor = place;
            }
        },
        noteAnswer(ms, bytes) {
            if (bytes)
                sizeDown.took(bytes, ms);
            else
                sizeDown.wasCut(ms);
        },
        release: fence.release,
        releaseAll: () => fence.releaseAll(owner),
    };
}

export { createLink };
//# sourceMappingURL=link.mjs.map
