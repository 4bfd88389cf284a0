import { foreverIframe } from './forever-iframe.ts'
import { longPoll } from './long-poll.ts'
import { shortPoll } from './short-poll.ts'
import { sse } from './sse.ts'
import type { Transport } from './transport.ts'
import { websocket } from './websocket.ts'

/** All transports, best first. */
export const ALL_TRANSPORTS: readonly Transport[] = [
  websocket,
  sse,
  longPoll,
  shortPoll,
  foreverIframe,
]
