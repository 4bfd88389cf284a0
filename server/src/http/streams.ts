/** The streams that only come down: SSE and the forever iframe (PROTOCOL.md 3.5, 3.6). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reader } from '../delivery/reader.ts'
import { Refusal } from '../errors.ts'
import { addReader, admitTicket } from './admission.ts'
import { refuseIfDraining, type ServerContext } from './context.ts'
import { iframeFormat } from './frame-pages.ts'
import { checkOrigin } from './origins.ts'
import { STREAM_HEADERS, paddingOf, sseFormat } from './stream-format.ts'

/** Opens the stream that a ticket stands for. */
export async function openStream(
  context: ServerContext,
  transport: 'sse' | 'forever-iframe',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings, store, readers } = context
  checkOrigin(request, settings)
  refuseIfDraining(context)
  const ticket = new URL(request.url!, 'http://localhost').searchParams.get('ticket') ?? ''
  const attachRequest = await store.redeemTicket(ticket)
  if (attachRequest?.readerTransport !== transport) {
    throw new Refusal('not-found', 'the ticket is unknown, used, or older than 30 seconds')
  }
  const admission = await admitTicket(context, attachRequest)
  const format = transport === 'sse' ? sseFormat(request) : iframeFormat(settings)
  const padding = paddingOf(format, attachRequest.pad)

  let length = 0
  // Responses of HTTP/2 have no `writableNeedDrain` (Node 20).
  let isFull = false
  const { acceptedUpTo } = admission
  const admitted = { attachRequest, admission }
  const options = { acceptedUpTo, saysHello: true }
  const reader: Reader = addReader(context, admitted, options, {
    takesFrames: false,
    takesOnePacket: false,
    write(text) {
      const chunk = format.encode(String(text))
      isFull = !response.write(chunk)
      length += chunk.length
      if (length <= format.maxLength) return
      response.end()
      readers.remove(reader)
    },
    writeBeforeHeartbeat: () => padding && response.write(padding),
    isCongested: () => isFull,
    end: (text) => response.end(format.encode(text)),
    destroy: () => response.destroy(),
  })
  response.on('drain', () => {
    isFull = false
    readers.scheduleFlush(reader)
  })
  response.on('close', () => readers.remove(reader))
  // The client may have gone while the store was asked.
  if (response.destroyed) {
    readers.remove(reader)
    return
  }
  response.writeHead(200, { ...STREAM_HEADERS, ...format.headers })
  response.write(format.prologue + padding)
  reader.start()
}
