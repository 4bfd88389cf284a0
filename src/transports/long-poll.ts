import { poll } from './poll.ts'
import type { Transport } from './transport.ts'

/** An exchange that waits brings messages down. */
export const longPoll: Transport = /*#__PURE__*/ poll('long-poll')
