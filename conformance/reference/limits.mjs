/** The terms of this server. A conformance run waits for most of these times, so they are short. */

export const VERSION = 1
/** Arrays and objects in which JSON may be nested. */
export const MAX_DEPTH = 1_000
/** Bytes of the first packet of a carrier. */
export const MAX_ATTACH = 16_384
/** Bytes of a message, before it is encoded. */
export const MAX_MESSAGE = 200_000
/** Bytes of the entries of a packet. */
export const MAX_BATCH = 70_000
/** Bytes of a packet or frame. */
export const MAX_PACKET = MAX_BATCH + 20_000
/** Entries of a list. */
export const MAX_ENTRIES = 20_000
/** Bytes or units of a part that is not the last of its message. */
export const MIN_PART = 128
/** Bytes of messages that a client leaves unacknowledged, at most four quarters of this. */
export const WINDOW = 262_144
/** Bytes of messages down that a session keeps. More end it. */
export const MAX_LOG = 8_388_608
/** Bytes that each message counts beside its own. */
export const OVERHEAD = 64
/** Volatile messages that wait for the next poll. */
export const MAX_VOLATILE = 8
/** Carriers that read the log down of a session. */
export const MAX_READERS = 3
/** WebSockets that have not said whose they are. */
export const MAX_WAITING = 200
export const MAX_SESSIONS = 10_000

/** Milliseconds. */
export const HEARTBEAT = 4_000
export const LIFETIME = 20_000
/** Milliseconds that a session lives which its client contacted only once. */
export const FIRST_LIFETIME = 10_000
/** Milliseconds that a ticket is good for. */
export const TICKET_LIFETIME = 30_000
/** Milliseconds for a first frame, the rest of a body, or a new token. */
export const DEADLINE = 10_000
/** Milliseconds that an answer waits for handlers. */
export const HANDLER_PATIENCE = 50
