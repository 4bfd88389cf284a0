import { awaitsFrame, readPacket, type Down } from '../protocol.ts'
import type { Transport } from '../transport.ts'

/** Frames both ways: text frames carry packets, binary frames carry one binary message each. */
export const websocket: Transport = {
  name: 'websocket',
  supported: () => typeof WebSocket !== 'undefined',
  open(link, on) {
    const socket = new WebSocket(link.url.replace(/^http/, 'ws'))
    let attached = false
    const flush = (): void => {
      for (let frame; attached && (frame = link.frame());) socket.send(frame)
    }
    const fail = (reason: string): void => {
      close()
      on.closed(reason)
    }
    const close = (bye?: string): void => {
      socket.onopen = socket.onmessage = socket.onclose = null
      if (attached && bye) {
        flush()
        socket.send('{"bye":' + bye + '}')
      }
      attached = false
      // Safari 15.1 breaks all WebSockets of the browser when one is closed while it connects. Elsewhere it must be
      // closed: Chromium and Firefox queue the next one to the host behind it.
      if (socket.readyState || !/Version\/15\.[01]\b/.test(navigator.userAgent)) socket.close()
      else socket.onopen = () => socket.close()
    }
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      attached = true
      socket.send(link.attach()[0])
      flush()
    }
    let held: Down | undefined
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const down = typeof data === 'string' ? readPacket(data) : held
      const entry = down && awaitsFrame(down)
      held = undefined
      if (!down) fail('malformed')
      else if (!entry) on.packet(down, (data as string).length)
      else if (typeof data === 'string') held = down
      else {
        entry[0] = new Uint8Array(data)
        on.packet(down, data.byteLength)
      }
    }
    socket.onclose = ({ code, reason }) => fail(reason || 'closed-' + code)
    return { flush, close }
  },
}
