/** Messages, and their encoding as entries, whole or in parts (PROTOCOL.md 4.4 to 4.6). */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('../platform/engine.cjs');
var json = require('../platform/json.cjs');
var surrogates = require('../platform/surrogates.cjs');
var tag = require('../platform/tag.cjs');
var packets = require('./packets.cjs');
var utf8 = require('./utf8.cjs');

/** A message with a copy of the data that an application sends; `undefined` if that is neither JSON nor binary. */
function createMessage(data, peer = 0, kind = 0) {
    try {
        if (tag.tagOf(data) === 'ArrayBuffer' || engine.isView(data)) {
            // A view has a buffer and its place in it; an ArrayBuffer has neither, and is taken whole.
            const { buffer = data, byteOffset, byteLength: size } = data;
            return { body: new Uint8Array(new Uint8Array(buffer, byteOffset, size)), size, peer, kind };
        }
        // `undefined` for a function or a symbol.
        const body = json.toJSON(data);
        if (!body || !json.isData(data, body))
            return undefined;
        return { body, size: utf8.byteLength(typeof data === 'string' ? data : body), peer, kind };
    }
    catch {
        // Cycles and BigInt are no JSON, a buffer that was transferred has no bytes (TypeError).
        return undefined;
    }
}
/** Bytes of the smallest part that is worth an entry. Less room in a batch leaves the message to the next one. */
const MIN_PART = 1000;
/**
 * The entry of a message from an offset on: all of it, or as much as fits `room` bytes. Nothing if there is no room for a part
 * that is worth an entry; the first entry of a batch always is.
 *
 * @param base64 Encodes bytes. Without it, they go in a frame.
 */
function encodeEntry(message, offset, room, isFirst, base64) {
    // The encoding is never shorter than the body.
    if (offset === 0 && message.body.length <= room) {
        const whole = encodeWhole(message, base64);
        if (whole.bytes <= room)
            return whole;
    }
    if (room < MIN_PART && !isFirst)
        return undefined;
    return encodePart(message, offset, Math.max(room, MIN_PART), base64);
}
/** A whole message as an entry. */
function encodeWhole(message, base64) {
    const { body, peer = 0, kind = 0 } = message;
    const end = body.length;
    const wholeOf = (flags) => (data) => entryOf(data, peer, flags);
    if (typeof body === 'string')
        return encoded(body, wholeOf(kind), end);
    if (base64)
        return encoded(`"${base64(body)}"`, wholeOf(kind | packets.BINARY), end);
    return encoded('0', wholeOf(kind | packets.BINARY | packets.FRAME), end, body);
}
/** The shortest entry: defaults at its end are left out. */
function entryOf(data, peer, kind) {
    if (kind)
        return `[${data},${json.toJSON(peer)},${kind}]`;
    return peer ? `[${data},${json.toJSON(peer)}]` : `[${data}]`;
}
function encodePart({ body, peer = 0, kind = 0 }, offset, room, base64) {
    const size = body.length;
    const flags = (offset ? 0 : kind) | packets.PART;
    const partOf = (binary = 0) => (data) => `[${data},${json.toJSON(offset ? 0 : peer)},${flags | binary},${offset},${size}]`;
    const space = Math.max(1, room - utf8.byteLength(partOf(packets.BINARY | packets.FRAME)('""')));
    if (typeof body === 'string') {
        const { data, end } = cutText(body, offset, space);
        return encoded(data, partOf(), end);
    }
    if (!base64) {
        const frame = body.subarray(offset, offset + space);
        return encoded('0', partOf(packets.BINARY | packets.FRAME), offset + frame.length, frame);
    }
    // Four characters of base64 are three bytes.
    const bytes = body.subarray(offset, offset + 3 * Math.max(1, Math.floor(space / 4)));
    return encoded(`"${base64(bytes)}"`, partOf(packets.BINARY), offset + bytes.length);
}
/**
 * As much of a JSON text as JSON text of so many bytes, but one character at least. A surrogate pair is not cut, so that any encoding
 * stays valid. Bytes are counted before anything is encoded, because a megabyte that is encoded in vain holds a server.
 */
function cutText(body, offset, space) {
    let end = offset;
    for (let bytes = 0; end < body.length;) {
        const unit = body.charCodeAt(end);
        const isPair = surrogates.isHigh(unit) && surrogates.isLow(body.charCodeAt(end + 1));
        bytes += isPair ? 4 : escapedLength(unit);
        if (bytes > space && end > offset)
            break;
        end += isPair ? 2 : 1;
    }
    return { data: json.toJSON(body.slice(offset, end)), end };
}
/** Bytes that a unit takes at most in a text of JSON in UTF-8, if it is no half of a surrogate pair. */
function escapedLength(unit) {
    if (unit < 0x20 || (unit & 0xf800) === 0xd800)
        return 6;
    if (unit < 0x80)
        return unit === 0x22 || unit === 0x5c ? 2 : 1;
    return unit < 0x800 ? 2 : 3;
}
/** Counts the data by itself: a text that was just put together would be copied for that. */
function encoded(data, textOf, end, frame) {
    const text = textOf(data);
    const bytes = utf8.byteLength(textOf('')) + utf8.byteLength(data);
    return frame ? { text, bytes: bytes + frame.length, end, frame } : { text, bytes, end };
}

exports.createMessage = createMessage;
exports.encodeEntry = encodeEntry;
exports.encodeWhole = encodeWhole;
