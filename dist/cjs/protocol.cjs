/**
 * The wire: packets, limits, encoding and validation. PROTOCOL.md describes it in prose; the server imports
 * this file, and only this file, as `rungs/protocol`. Nothing here knows a browser or Node.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('./platform/engine.cjs');

/** Version of the protocol; PROTOCOL.md 2. */
const VERSION = 1;
/** Encoded bytes of messages in one packet: so many, or one message (PROTOCOL.md 5). `sendBeacon` takes 64 KiB. */
const MAX_BATCH = 60000;
/** Largest message, in bytes before encoding, until a hello says otherwise. */
const MAX_MESSAGE = 1000000;
/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
const MESSAGE_OVERHEAD = 64;
/** Entry kind: `data` is base64 (RFC 4648, section 4); with {@link FRAME}, it is not there. */
const BINARY = 1;
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
const REFUSED = 2;
/** Entry kind, WebSocket only: the bytes are the binary frame after this packet, whose last entry this must be
 * (of `volatile`, if there is one). */
const FRAME = 4;
/** Header of an exchange that the bridge frame makes: the origin of the page around it. PROTOCOL.md 7. */
const BRIDGE_HEADER = 'rungs-origin';
/**
 * Why a carrier or its session ended, with the HTTP status and what the client does then; a WebSocket closes with 4000
 * more. PROTOCOL.md 8.
 */
const END = {
    malformed: [400, 'retry'],
    'unsupported-version': [400, 'final'],
    unauthorized: [401, 'final'],
    forbidden: [403, 'final'],
    'origin-refused': [403, 'final'],
    'not-found': [404, 'retry'],
    'method-not-allowed': [405, 'retry'],
    timeout: [408, 'retry'],
    superseded: [409, 'retry'],
    taken: [409, 'reset'],
    gap: [409, 'retry'],
    lost: [410, 'reset'],
    gone: [410, 'reset'],
    closed: [410, 'final'],
    'too-large': [413, 'final'],
    'unsupported-encoding': [415, 'retry'],
    'too-many-user-sessions': [429, 'retry'],
    internal: [500, 'retry'],
    'too-many-sessions': [503, 'retry'],
    draining: [503, 'retry'],
};
/** A message from what an application sends, copied; `undefined` where it is neither JSON nor binary. */
function createMessage(data, peer = 0, kind = 0) {
    if (data instanceof ArrayBuffer || engine.isView(data)) {
        // A buffer has no buffer, and is whole.
        const { buffer = data, byteOffset, byteLength: size } = data;
        return { body: new Uint8Array(new Uint8Array(buffer, byteOffset, size)), size, peer, kind };
    }
    try {
        // JSON.stringify answers `undefined` for a function or a symbol, and throws on cycles and BigInt.
        const body = engine.toJSON(data);
        if (body)
            return { body, size: engine.byteLength(typeof data === 'string' ? data : body), peer, kind };
    }
    catch {
        // Then it is no message either.
    }
    return undefined;
}
/** An entry as JSON text; `base64` encodes what is binary, unless the bytes go in a frame of their own. */
function encodeEntry({ body, peer, kind = 0 }, base64) {
    let text = body;
    if (typeof text !== 'string') {
        kind |= base64 ? BINARY : BINARY | FRAME;
        text = base64 ? '"' + base64(text) + '"' : '0';
    }
    return '[' + text + (kind || peer ? ',' + engine.toJSON(peer || 0) + (kind ? ',' + kind : '') : '') + ']';
}
/** A packet as text, from fields that are JSON text already. */
function packet(fields) {
    let text = '';
    for (const name in fields) {
        const field = fields[name];
        if (field)
            text += (text ? ',"' : '"') + name + '":' + field;
    }
    return '{' + text + '}';
}
/** A packet from the server; nothing where some box on the way wrote something else. */
function readPacket(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** The entry of a packet whose bytes are in the next frame. Only its last one may be; whoever reads a packet from a client checks that. */
function awaitsFrame({ batch, volatile, }) {
    return (volatile || batch?.[1] || []).filter((entry) => entry[2] & FRAME)[0];
}

exports.BINARY = BINARY;
exports.BRIDGE_HEADER = BRIDGE_HEADER;
exports.END = END;
exports.FRAME = FRAME;
exports.MAX_BATCH = MAX_BATCH;
exports.MAX_MESSAGE = MAX_MESSAGE;
exports.MESSAGE_OVERHEAD = MESSAGE_OVERHEAD;
exports.REFUSED = REFUSED;
exports.VERSION = VERSION;
exports.awaitsFrame = awaitsFrame;
exports.createMessage = createMessage;
exports.encodeEntry = encodeEntry;
exports.packet = packet;
exports.readPacket = readPacket;
