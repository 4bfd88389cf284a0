/** The fields of packets and the limits of protocol 1 (PROTOCOL.md 4 and 5). */
/** Version of the protocol; PROTOCOL.md 2. */
const VERSION = 1;
/** Bytes of the entries of one packet, until a hello says otherwise, and at least. */
const MAX_BATCH = 60000;
/** Entries of one list of a packet. Small ones cost far more at their receiver than on the wire. */
const MAX_ENTRIES = 20000;
/** Bytes of the largest message, before encoding, until a hello says otherwise. */
const MAX_MESSAGE = 1000000;
/** Characters of a token. */
const MAX_TOKEN = 8192;
/** User ids that a message may be addressed to, and characters of one. */
const MAX_RECIPIENTS = 100;
const MAX_USER_ID = 256;
/** Arrays and objects in which JSON may be nested. */
const MAX_DEPTH = 1000;
/**
 * Arrays and objects that a message may have: 100,000, or one for each 10 bytes of the largest message if that is more. Each takes
 * up to 70 bytes in memory, and two on the wire.
 */
function maxContainers(maxMessage) {
    return Math.max(100000, maxMessage / 10);
}
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
/** Entry kind: `data` is a piece of the message, from `offset` on (PROTOCOL.md 4.6). */
const PART = 8;
/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
const BRIDGE_HEADER = 'rungs-origin';
/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
function packet(fields) {
    const names = Object.keys(fields);
    const texts = names.filter((name) => fields[name]).map((name) => `"${name}":${fields[name]}`);
    return `{${texts}}`;
}
/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
function awaitsFrame({ batch, volatile, }) {
    return (volatile || (batch ? batch[1] : [])).filter(([, , kind = 0]) => kind & FRAME)[0];
}

export { BINARY, BRIDGE_HEADER, FRAME, MAX_BATCH, MAX_DEPTH, MAX_ENTRIES, MAX_MESSAGE, MAX_RECIPIENTS, MAX_TOKEN, MAX_USER_ID, MESSAGE_OVERHEAD, PART, REFUSED, VERSION, awaitsFrame, maxContainers, packet };
//# sourceMappingURL=packets.mjs.map
