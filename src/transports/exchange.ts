/**
 * The exchange: the one HTTP verb of the protocol, and what every transport without frames is made of. A `POST`
 * carries acknowledgement and messages up; its answer carries acknowledgement and, if asked, messages down.
 */
import { decodeEntries, toBase64 } from '../base64.ts'
import { readPacket, type Down, type TransportName } from '../protocol.ts'
import {
  SLOWEST,
  type Carrier,
  type CarrierEvents,
  type Fields,
  type LinkRequest,
} from '../transport.ts'
import { takeSlot } from './slot.ts'

/** Milliseconds that the server has for an answer, its bytes not counted. */
const PATIENCE = 10_000

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
  request.onload = () => done(request.status, request.responseText)
  request.onerror = request.ontimeout = () => done(0, '')
  request.send(body)
  return () => request.abort()
}

/** A packet of a carrier that has text only. */
export function readText(text: string): Down | null | undefined {
  const down = readPacket(text)
  decodeEntries(down?.batch?.[1])
  decodeEntries(down?.volatile)
  return down
}

export interface Exchanges extends Carrier {
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
  /** Ends the carrier and says why. */
  fail(reason: string): void
}

export function createExchanges(link: LinkRequest, on: CarrierEvents, post: Post = xhr): Exchanges {
  const aborts: { [t: number]: () => void } = {}
  let closed = false
  let sending = false
  // A stream goes on under the number of the exchange that asked for it.
  let streamed = 0

  const patience = (body: string): number => PATIENCE + link.heartbeat() + body.length / SLOWEST
  const close = (bye?: string): void => {
    if (closed) return
    closed = true
    for (const t in aborts) aborts[t]!()
    if (!bye) return
    const body = link.attach(link.begin(), { bye }, toBase64)
    // A beacon outlives the page; a policy may forbid it without a word to us, which is when there is a bridge.
    if (!navigator.sendBeacon?.(link.url, body) || post !== xhr)
      post(link, body, patience(body), () => {})
  }
  const fail = (reason: string): void => {
    if (closed) return
    close()
    on.closed(reason)
  }
  const run: Exchanges['run'] = (fields, carries, done, failed = fail) => {
    const up = carries && !sending
    const t = link.begin()
    if (fields.stream) {
      link.release(streamed)
      streamed = t
    }
    const body = link.attach(t, fields, up ? toBase64 : undefined)
    sending ||= up
    aborts[t] = post(link, body, patience(body), (status, text) => {
      if (closed) return
      delete aborts[t]
      if (up) sending = false
      if (t !== streamed) link.release(t)
      const down = readText(text)
      // Gateways answer for the server with JSON of their own.
      if (!down || (status !== 200 && !down.end)) {
        return failed(status ? 'http-' + status : 'unreachable')
      }
      on.packet(down, text.length, !fields.answer)
      if (!closed) done(down)
    })
  }
  const flush = (): void => {
    if (!sending && !closed && link.due()) run({}, true, flush)
  }
  return { run, flush, close, fail }
}

/**
 * A transport whose stream only comes down: an exchange gets the ticket for it, and exchanges carry what goes up.
 * `open` returns what ends the stream.
 */
export function openStream(
  link: LinkRequest,
  exchanges: Exchanges,
  stream: TransportName,
  open: (ticket: string) => () => void,
): Carrier {
  let end: (() => void) | undefined
  const start = (): void =>
    exchanges.run({ stream: '"' + stream + '"' }, true, ({ ticket }) => {
      if (!ticket) return exchanges.fail('no-ticket')
      end?.()
      end = open(ticket)
      exchanges.flush()
    })
  const release = takeSlot(link, start, () => exchanges.fail('no-slot'))
  return {
    flush: exchanges.flush,
    close(bye) {
      release()
      end?.()
      exchanges.close(bye)
    },
  }
}
