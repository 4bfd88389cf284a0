/** Packets of the server, checked: a proxy may have written something else, and a server may be broken or hostile. */
import { REFUSED, BINARY, FRAME, MAX_ENTRIES, PART, MAX_BATCH } from '../protocol/packets.mjs';

const MAX_INTEGER = 9007199254740991;
const isCount = (value, least = 0) => typeof value === 'number' && value >= least && value <= MAX_INTEGER && value % 1 === 0;
const isText = (value) => typeof value === 'string';
/** Absent, or as it should be. */
const isOptional = (value, isValid) => value === undefined || isValid(value);
const isList = (value, isValid, least, most) => Array.isArray(value) && value.length >= least && value.length <= most && value.every(isValid);
const isBounds = (value) => isList(value, (each) => isCount(each), 2, 2);
const isHello = (value) => {
    const hello = (value || {});
    return (isText(hello.id) &&
        isText(hello.epoch) &&
        isCount(hello.version, 1) &&
        isCount(hello.heartbeat, 1) &&
        isCount(hello.lifetime) &&
        isCount(hello.maxMessage) &&
        isCount(hello.maxBatch, MAX_BATCH) &&
        isCount(hello.window, 1) &&
        isOptional(hello.protocol, isText) &&
        isOptional(hello.retryAfter, isBounds));
};
const isPeer = (peer) => peer === 0 || isText(peer) || isList(peer, isText, 1, MAX_ENTRIES);
/** Base64 (RFC 4648, section 4). */
const isBase64 = (data) => isText(data) && data.length % 4 === 0 && /^[a-z\d+/]*={0,2}$/i.test(data);
/** `kinds`: the sum of the kinds that an entry may have here. */
const isEntry = (value, kinds) => {
    if (!Array.isArray(value) || !value.length)
        return false;
    const [data, peer = 0, kind = 0, offset, size] = value;
    if (!isPeer(peer) || !isCount(kind) || kind & ~kinds)
        return false;
    const isPart = (kind & PART) > 0;
    if (isPart ? !isCount(offset) || !isCount(size, 1) : value.length > 3)
        return false;
    // Bytes are base64, or the frame that follows. A part of anything else is a piece of its JSON text.
    if (kind & FRAME)
        return (kind & BINARY) > 0 && data === 0;
    return kind & BINARY ? isBase64(data) : !isPart || isText(data);
};
const isEntries = (value, kinds, least) => isList(value, (each) => isEntry(each, kinds), least, MAX_ENTRIES);
const isBatch = (value, kinds) => Array.isArray(value) &&
    value.length === 2 &&
    isCount(value[0], 1) &&
    isEntries(value[1], kinds | PART, 1);
const isEnd = (value) => Array.isArray(value) &&
    (value.length === 3 || (value.length === 4 && isCount(value[3]))) &&
    value.slice(0, 3).every(isText);
const isDown = (value, kinds) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
        return false;
    const { hello, ack, batch, tag, volatile, ticket, end, retryAfter, version } = value;
    return (isOptional(hello, isHello) &&
        isOptional(ack, (each) => isList(each, (count) => isCount(count), 3, 5)) &&
        isOptional(batch, (each) => isBatch(each, kinds)) &&
        isOptional(tag, isText) &&
        isOptional(volatile, (each) => isEntries(each, kinds, 0)) &&
        isOptional(ticket, isText) &&
        isOptional(end, isEnd) &&
        isOptional(retryAfter, isBounds) &&
        isOptional(version, (each) => isCount(each)));
};
/** A packet from the server; nothing if the text is none. `hasFrames`: on a WebSocket, where bytes are frames of their own. */
function readPacket(text, hasFrames = false) {
    try {
        const value = JSON.parse(text);
        return isDown(value, hasFrames ? REFUSED | BINARY | FRAME : REFUSED | BINARY)
            ? value
            : undefined;
    }
    catch {
        // A SyntaxError: some box on the way wrote the text in place of the server.
        return undefined;
    }
}

export { readPacket };
//# sourceMappingURL=read-packet.mjs.map
