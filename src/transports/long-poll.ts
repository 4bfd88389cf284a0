import type { Transport } from '../transport.ts'
import { createExchanges } from './exchange.ts'

/** One exchange waits for messages down, at most one more carries messages up. */
export const longPoll: Transport = {
  name: 'long-poll',
  supported: () => typeof XMLHttpRequest !== 'undefined',
  open(link, on) {
    const exchanges = createExchanges(link, on)
    const wait = (): void => {
      exchanges.run({ answer: '"wait"', accepted: '' + link.accepted() }, false, wait)
      exchanges.flush()
    }
    exchanges.run({ answer: '"now"' }, true, wait)
    return exchanges
  },
}
