import type { Down } from '../protocol.ts'
import type { Transport } from '../transport.ts'
import { createExchanges } from './exchange.ts'

/** Milliseconds between polls while messages flow, and when none did for long. */
const FAST = 100
const SLOW = 5_000

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower when nothing flows. */
export const shortPoll: Transport = {
  name: 'short-poll',
  supported: () => typeof XMLHttpRequest !== 'undefined',
  open(link, on) {
    const exchanges = createExchanges(link, on)
    let pause = FAST
    let cancel: (() => void) | undefined
    const poll = (): void => {
      cancel = undefined
      if (link.due()) pause = FAST
      exchanges.run({ answer: '"now"' }, true, polled)
    }
    const polled = ({ batch }: Down): void => {
      pause = batch ? FAST : Math.min(SLOW, pause * 1.5)
      cancel = link.after(link.due() ? 0 : pause, poll)
    }
    const flush = (): void => {
      if (cancel && link.due()) {
        cancel()
        poll()
      }
    }
    poll()
    return {
      flush,
      close(bye) {
        cancel?.()
        exchanges.close(bye)
      },
    }
  },
}
