/**
 * The exchange: the one HTTP verb of the protocol, and what every transport without frames is made of. A `POST`
 * carries acknowledgement and messages up; its answer carries acknowledgement and, if asked, messages down.
 */
import { decodeEntries, toBase64 } from './base64.ts'
import { readPacket, type Down, type TransportName } from '../protocol.ts'
import type { Carrier, CarrierEvents, Fields, LinkRequest } from './transport.ts'
import { takeSlot } from './connection-slot.ts'

/** Posts a body; calls back once with status and text of the answer, or 0. Returns what aborts it. */
export type Post = (
  link: LinkRequest,
  body: string,
  patience: number,
  done: (status: number, text: string) => void,
) => () => void

/** A simple request (Fetch standard, 4.8): no preflight, hence neither headers nor `upload` listeners. */
const xhr: Post = (link, body, patience, done) => {
  const request = new XMLHttpRequest()
  request.open('POST', link.url)
  request.withCredentials = link.credentials
  request.timeout = patience
  request.onloadend = () => done(request.status, request.responseText)
  request.send(body)
  return () => request.abort()
}

export interface Exchanges extends Carrier {
  /** What ends that which goes on until the carrier is closed. */
  readonly ends: { [name: string]: () => void }
  /**
   * Makes one exchange; its packet goes to the carrier's events first. A failure ends the carrier, if nobody else cares for
   * it. What is sent while one carries messages up waits for its answer: another might overtake it.
   */
  run(
    fields: Fields,
    up: boolean,
    done: (down: Down) => void,
    failed?: (reason: string) => void,
  ): void
  /** Something came down a stream. Gateways answer for the server with JSON of their own. */
  take(text: string, status?: number, aside?: boolean): Down | undefined
  /** Ends the carrier and says why. */
  fail(reason: string): void
}

export function createExchanges(link: LinkRequest, on: CarrierEvents, post: Post = xhr): Exchanges {
  const ends: Exchanges['ends'] = {}
  let closed = false
  let sending = false
  // A stream goes on under the number of the exchange that asked for it; -1: there is none.
  let streamed = -1

  const close = (bye?: string): void => {
    if (closed) return
    closed = true
    for (const name in ends) ends[name]!()
    if (!bye) return
    const [body, , patience] = link.attach({ bye }, toBase64)
    // A beacon outlives the page; a policy may forbid it without a word to us, which is when there is a bridge.
    if (!navigator.sendBeacon?.(link.url, body) || post !== xhr)
      post(link, body, patience, () => {})
  }
  const fail = (reason: string): void => {
    if (closed) return
    close()
    on.closed(reason)
  }
  const take: Exchanges['take'] = (text, status = 200, aside) => {
    const down = readPacket(text)
    if (!down || (status !== 200 && !down.end)) return undefined
    decodeEntries(down.batch?.[1])
    decodeEntries(down.volatile)
    on.packet(down, text.length, aside)
    return down
  }
  const run: Exchanges['run'] = (fields, carries, done, failed = fail) => {
    if (closed) return
    const up = carries && !sending
    const [body, t, patience] = link.attach(fields, up && toBase64)
    sending ||= up
    ends[t] = post(link, body, patience, (status, text) => {
      if (closed) return
      delete ends[t]
      if (up) sending = false
      link.release(fields.stream ? streamed : t)
      if (fields.stream) streamed = t
      const down = take(text, status, !fields.answer)
      if (!down) failed(status ? 'http-' + status : 'unreachable')
      else if (!closed) done(down)
    })
  }
  const flush = (): void => {
    if (!sending && link.due()) run({}, true, flush)
  }
  return { ends, run, take, flush, close, fail }
}

/**
 * A transport whose stream only comes down: an exchange gets the ticket for it, and exchanges carry what goes up.
 * `open` returns what ends the stream.
 */
export function openStream(
  link: LinkRequest,
  on: CarrierEvents,
  stream: TransportName,
  open: (ticket: string, exchanges: Exchanges) => () => void,
  post?: Post,
): Exchanges {
  const exchanges = createExchanges(link, on, post)
  const { ends, run, flush, fail } = exchanges
  const start = (): void => {
    // First, for who waits for a connection is to have this one.
    ends.stream?.()
    run({ stream: '"' + stream + '"' }, true, ({ ticket }) => {
      if (!ticket) return fail('no-ticket')
      ends.stream = open(ticket, exchanges)
      flush()
    })
  }
  ends.slot = takeSlot(link, start, () => fail('no-slot'))
  return exchanges
}
