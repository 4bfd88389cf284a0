/**
 * The wire. PROTOCOL.md describes it in prose. The server imports this file as `rungs/protocol`, and nothing else of the
 * client, so nothing here knows a browser or Node.
 */
export * from './protocol/depth.ts'
export * from './protocol/ends.ts'
export * from './protocol/messages.ts'
export * from './protocol/packets.ts'
export * from './protocol/parts.ts'
export * from './protocol/utf8.ts'
