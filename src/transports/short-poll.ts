import type { Transport } from './transport.ts'
import { poll } from './poll.ts'

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower when nothing flows. */
export const shortPoll: Transport = /*#__PURE__*/ poll('short-poll', false)
