import { MAX_ENTRIES } from '../protocol/packets.mjs';
import { encodeWhole } from '../protocol/messages.mjs';

/**
 * Takes as many volatile messages as have room in a packet, as its field; the others wait for the next packet. What no packet of this
 * carrier has room for (`most` bytes) is dropped, or it would be in the way of the others.
 */
function takeVolatile(waiting, room, most, encodeBinary) {
    const entries = [];
    let left = room;
    let frame;
    while (waiting.length && !frame && entries.length < MAX_ENTRIES) {
        const entry = encodeWhole(waiting[0], encodeBinary);
        const isPossible = entry.bytes <= most;
        if (isPossible && entry.bytes > left)
            break;
        waiting.shift();
        if (!isPossible)
            continue;
        left -= entry.bytes;
        entries.push(entry.text);
        // `createMessage` has copied the bytes, so they are not shared memory.
        frame = entry.frame;
    }
    const text = entries.length ? `[${entries}]` : '';
    return frame ? { text, frame } : { text };
}

export { takeVolatile };
//# sourceMappingURL=take-volatile.mjs.map
