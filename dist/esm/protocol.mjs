/**
 * The wire: packets, limits and encoding. PROTOCOL.md describes it in prose. The server imports this file as
 * `rungs/protocol`, and nothing else of the client, so nothing here knows a browser or Node.
 */
import { isView, toJSON, byteLength } from './platform/engine.mjs';

/** Version of the protocol; PROTOCOL.md 2. */
const VERSION = 1;
/** Bytes of encoded messages in one packet, or one message (PROTOCOL.md 5). Below the 64 KiB of a beacon. */
const MAX_BATCH = 60000;
/** Bytes of the largest message, before encoding, until a hello says otherwise. */
const MAX_MESSAGE = 1000000;
/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
const MESSAGE_OVERHEAD = 64;
/** Entry kind: `data` is base64 (RFC 4648, section 4), or means nothing with {@link FRAME}. */
const BINARY = 1;
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
const REFUSED = 2;
/**
 * Entry kind, WebSocket only: the bytes are the binary frame after this packet. Only the last entry of a packet may be so,
 * that of `volatile` if there is one.
 */
const FRAME = 4;
/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
const BRIDGE_HEADER = 'rungs-origin';
/**
 * Types of ends, with their HTTP status and the client's next step; the close code of a WebSocket is 4000 more.
 * PROTOCOL.md 8.
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
/** A message with a copy of the data that an application sends; `undefined` if it is neither JSON nor binary. */
function createMessage(data, peer = 0, kind = 0) {
    if (data instanceof ArrayBuffer || isView(data)) {
        // A view has a buffer and its place in it; an ArrayBuffer has neither, and is taken whole.
        const { buffer = data, byteOffset, byteLength: size } = data;
        return { body: new Uint8Array(new Uint8Array(buffer, byteOffset, size)), size, peer, kind };
    }
    try {
        // `undefined` for a function or a symbol.
        const body = toJSON(data);
        if (body)
            return { body, size: byteLength(typeof data === 'string' ? data : body), peer, kind };
    }
    catch {
        // Cycles (TypeError) and BigInt (TypeError) are no JSON.
    }
    return undefined;
}
/** An entry as JSON text. `base64` encodes binary messages; without it, the bytes go in a frame of their own. */
function encodeEntry({ body, peer = 0, kind = 0 }, base64) {
    if (typeof body === 'string')
        return entryOf(body, peer, kind);
    if (base64)
        return entryOf(`"${base64(body)}"`, peer, kind | BINARY);
    return entryOf('0', peer, kind | BINARY | FRAME);
}
/** The shortest entry: defaults at its end are left out. */
function entryOf(data, peer, kind) {
    if (kind)
        return `[${data},${toJSON(peer)},${kind}]`;
    return peer ? `[${data},${toJSON(peer)}]` : `[${data}]`;
}
/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
function packet(fields) {
    const texts = [];
    for (const name in fields) {
        const field = fields[name];
        if (field)
            texts.push(`"${name}":${field}`);
    }
    return `{${texts.join()}}`;
}
/** A packet from the server; nothing if some box on the way wrote the text in its place. */
function readPacket(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
function awaitsFrame({ batch, volatile, }) {
    return (volatile || batch?.[1] || []).filter((entry) => entry[2] & FRAME)[0];
}

export { BINARY, BRIDGE_HEADER, END, FRAME, MAX_BATCH, MAX_MESSAGE, MESSAGE_OVERHEAD, REFUSED, VERSION, awaitsFrame, createMessage, encodeEntry, packet, readPacket };
//# sourceMappingURL=protocol.mjs.map
