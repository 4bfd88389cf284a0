/** Messages that come in parts (PROTOCOL.md 4.6). */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var depth = require('./depth.cjs');
var packets = require('./packets.cjs');

/** Bytes or units of the smallest part that is not the last of its message. */
const MIN_PART_LENGTH = 128;
/** Whether an entry is a part of a message. Its data is a text, or bytes that were decoded. */
const isPart = ([, , kind = 0]) => (kind & packets.PART) > 0;
/**
 * Adds a part to what is there of its message. Answers the same if nothing is new, `gap` if something before it is missing, and
 * `malformed` if the part is not of this message, or breaks the rules for parts.
 */
function addPart(partial, [data, peer = 0, kind = 0, offset = 0, size = 0]) {
    const isBinary = (kind & packets.BINARY) > 0;
    if (isBinary ? !(data instanceof Uint8Array) : typeof data !== 'string')
        return 'malformed';
    const piece = data;
    const end = offset + piece.length;
    const isTooSmall = piece.length < MIN_PART_LENGTH && end < size;
    if (!piece.length || end > size || isTooSmall)
        return 'malformed';
    const begun = partial || { peer, kind: kind & -13, size, length: 0, pieces: [] };
    if (size !== begun.size || isBinary !== (begun.kind & packets.BINARY) > 0)
        return 'malformed';
    if (offset > begun.length)
        return 'gap';
    const known = begun.length - offset;
    if (known >= piece.length)
        return begun;
    const fresh = typeof piece === 'string' ? piece.slice(known) : piece.subarray(known);
    return { ...begun, length: end, pieces: begun.pieces.concat(fresh) };
}
/** The entry of a message whose parts are all there; nothing if its text is not JSON. */
function joinParts({ peer, kind, size, pieces }) {
    if (!(kind & packets.BINARY)) {
        try {
            const json = pieces.join('');
            return isFinite(depth.countContainers(json)) ? [JSON.parse(json), peer, kind] : undefined;
        }
        catch {
            // A SyntaxError: the pieces are not those of one JSON text.
            return undefined;
        }
    }
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (const piece of pieces) {
        bytes.set(piece, offset);
        offset += piece.length;
    }
    return [bytes, peer, kind];
}

exports.MIN_PART_LENGTH = MIN_PART_LENGTH;
exports.addPart = addPart;
exports.isPart = isPart;
exports.joinParts = joinParts;
