import type { Transport } from './transport.ts'
import { openStream } from './http-exchange.ts'

/** Down by EventSource, up by exchanges. */
export const sse: Transport = {
  name: 'sse',
  supported: () => typeof EventSource !== 'undefined',
  open(link, on) {
    return openStream(link, on, 'sse', (ticket, { take, fail }) => {
      const source = new EventSource(link.url + '/sse?ticket=' + ticket, {
        withCredentials: link.credentials,
      })
      source.onmessage = ({ data }: MessageEvent<string>) => take(data)
      // Its own reconnection would use the ticket twice; Firefox gives up for good when offline.
      source.onerror = () => fail('stream-ended')
      return () => source.close()
    })
  },
}
