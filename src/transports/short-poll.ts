import { poll } from './poll.ts'
import type { Transport } from './transport.ts'

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower while nothing flows. */
export const shortPoll: Transport = /*#__PURE__*/ poll('short-poll')
