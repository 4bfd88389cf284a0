import type { Carrier, Transport } from '../transport.ts'
import { createExchanges, openStream, readText } from './exchange.ts'

/** What the bridge frame says: an exchange was answered, a chunk came, or the stream ended. */
type FromBridge =
  | readonly ['answer', id: number, status: number, text: string]
  | readonly ['packet', text: string]
  | readonly ['end']

/**
 * A hidden frame with the server's own page, the bridge, makes the exchanges and holds the stream, whose chunks are
 * scripts. Neither `connect-src` of this page's policy nor missing CORS headers stand in its way.
 */
export const foreverIframe: Transport = {
  name: 'forever-iframe',
  supported: () => typeof postMessage !== 'undefined',
  open(link, on) {
    const origin = link.url.split('/', 3).join('/')
    const frame = document.createElement('iframe')
    const answers: { [id: number]: (status: number, text: string) => void } = {}
    let ids = 0
    let stream: Carrier | undefined

    const tell = (...message: unknown[]): void => frame.contentWindow?.postMessage(message, origin)
    const exchanges = createExchanges(link, on, (_, body, patience, done) => {
      const id = ++ids
      answers[id] = done
      tell('post', id, body, patience)
      return () => tell('abort', id)
    })
    const hear = ({ source, origin: from, data }: MessageEvent<FromBridge>): void => {
      if (source !== frame.contentWindow || from !== origin) return
      if (data[0] === 'answer') {
        answers[data[1]]?.(data[2], data[3])
        delete answers[data[1]]
      } else if (data[0] === 'packet') {
        const down = readText(data[1])
        if (down) on.packet(down, data[1].length)
      } else exchanges.fail('stream-ended')
    }
    const insert = (): void => {
      document.body.appendChild(frame)
    }
    const remove = (): void => {
      frame.parentNode?.removeChild(frame)
    }

    frame.src = link.url + '/bridge'
    frame.style.display = 'none'
    // The bridge knows no origin before it is told one, so it cannot say by itself that it is ready.
    frame.onload = () => {
      stream = openStream(link, exchanges, 'forever-iframe', (ticket) => {
        tell('stream', ticket)
        return () => {}
      })
    }
    addEventListener('message', hear)
    // Firefox shows a page as loading while a frame streams that was inserted before `load`.
    if (document.readyState === 'complete') insert()
    else addEventListener('load', insert)

    return {
      flush: () => stream?.flush(),
      close(bye) {
        frame.onload = null
        removeEventListener('message', hear)
        removeEventListener('load', insert)
        stream?.close(bye)
        // The bridge makes the last exchange in its own time; the frame would take it along.
        if (bye) link.after(1_000, remove)
        else remove()
      },
    }
  },
}
