import type { Transport } from '../transport.ts'
import { createExchanges, openStream, readText } from './exchange.ts'

/** Down by EventSource, up by exchanges. */
export const sse: Transport = {
  name: 'sse',
  supported: () => typeof EventSource !== 'undefined',
  open(link, on) {
    const exchanges = createExchanges(link, on)
    return openStream(link, exchanges, 'sse', (ticket) => {
      const source = new EventSource(link.url + '/sse?ticket=' + ticket, {
        withCredentials: link.credentials,
      })
      const end = (): void => source.close()
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const down = readText(data)
        if (down) on.packet(down, data.length)
      }
      // Its own reconnection would use the ticket twice; Firefox gives up for good when offline.
      source.onerror = () => {
        end()
        exchanges.fail('stream-ended')
      }
      return end
    })
  },
}
