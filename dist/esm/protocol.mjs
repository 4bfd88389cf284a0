export { countContainers } from './protocol/depth.mjs';
export { END, reasonOf } from './protocol/ends.mjs';
export { createMessage, encodeEntry, encodeWhole } from './protocol/messages.mjs';
export { BINARY, BRIDGE_HEADER, FRAME, MAX_BATCH, MAX_DEPTH, MAX_ENTRIES, MAX_MESSAGE, MAX_RECIPIENTS, MAX_TOKEN, MAX_USER_ID, MESSAGE_OVERHEAD, PART, REFUSED, VERSION, awaitsFrame, maxContainers, packet } from './protocol/packets.mjs';
export { MIN_PART_LENGTH, addPart, isPart, joinParts } from './protocol/parts.mjs';
export { byteLength } from './protocol/utf8.mjs';
//# sourceMappingURL=protocol.mjs.map
