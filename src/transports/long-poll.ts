import type { Transport } from './transport.ts'
import { poll } from './poll.ts'

/** An exchange that waits brings messages down. Without a connection to spare it is a short poll. */
export const longPoll: Transport = /*#__PURE__*/ poll('long-poll', true)
