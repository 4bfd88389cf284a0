/**
 * The exchange: the one HTTP verb of the protocol, and what every transport without frames is made of. A `POST` carries
 * acknowledgement and messages up; its answer carries acknowledgement and, if asked, messages down.
 */
import type { Down, TransportName } from '../protocol.ts'
import { decodeEntries, toBase64 } from './base64.ts'
import { takeSlot } from './connection-slot.ts'
import { readPacket } from './read-packet.ts'
import type { AttachPacket, Carrier, CarrierEvents, Fields, Link } from './transport.ts'

/** Calls back for a request: once with status and text of the answer, or with status 0. */
export interface RequestEvents {
  answered(status: number, text: string): void
  /** Bytes of the answer arrived. */
  progress(): void
}

/** Makes a request. Returns the function that aborts it. */
export type Request = (link: Link, body: AttachPacket, on: RequestEvents) => () => void

/** A simple request (Fetch standard, 4.8): no preflight, hence neither headers of our own nor `upload` listeners. */
const xhr: Request = (link, { text, timeout }, on) => {
  const request = new XMLHttpRequest()
  request.open('POST', link.url)
  request.withCredentials = link.credentials
  request.timeout = timeout
  request.onprogress = () => on.progress()
  request.onloadend = () => on.answered(request.status, request.responseText)
  request.send(text)
  return () => request.abort()
}

export interface Exchange {
  readonly fields: Fields
  /** Whether messages may ride along. They wait if another exchange carries some, which this one might overtake. */
  readonly withMessages: boolean
  /** Called after the events of the carrier have had the packet. */
  onAnswer(down: Down): void
  /** Called in place of ending the carrier. */
  readonly onFailure?: (reason: string) => void
}

export interface Exchanges extends Carrier {
  /** Called when the carrier closes: requests in flight, the stream, the poll timer, the connection slot. */
  readonly disposers: { [name: string]: () => void }
  post(exchange: Exchange): void
  /** Passes on a packet that came down a stream. Fails if the text is none. */
  handleEvent(text: string): void
  /** Ends the carrier and says why. */
  fail(reason: string): void
}

export function createExchanges(link: Link, on: CarrierEvents, request: Request = xhr): Exchanges {
  const disposers: Exchanges['disposers'] = {}
  let closed = false
  /** Whether an exchange with messages is in flight. */
  let sending = false
  /** How many exchanges with messages were made. */
  let uploads = 0
  /** Number of the exchange that asked for the stream; the stream goes on under that number. */
  let streamT: number | undefined

  const close = (bye?: string): void => {
    if (closed) return
    closed = true
    Object.keys(disposers).forEach((name) => disposers[name]!())
    // A request of this page does not outlive it, but that of a bridge passes where a policy stops the others.
    if (bye && request !== xhr) {
      request(link, link.attach({ bye }, toBase64), { answered() {}, progress() {} })
    }
  }
  const fail = (reason: string): void => {
    if (closed) return
    close()
    on.closed(reason)
  }
  const handlePacket = (down: Down, text: string, outOfBand: boolean, isUpIdle: boolean): void => {
    decodeEntries(down.batch?.[1])
    decodeEntries(down.volatile)
    link.receive(down, isUpIdle)
    on.packet(down, text.length, outOfBand)
  }
  const settle = (t: number, { stream }: Fields): void => {
    delete disposers[t]
    if (!stream) return link.release(t)
    if (streamT !== undefined) link.release(streamT)
    streamT = t
  }
  const post: Exchanges['post'] = (exchange) => {
    const { fields, withMessages, onAnswer, onFailure = fail } = exchange
    if (closed) return
    const carriesMessages = withMessages && !sending
    const body = link.attach(fields, carriesMessages ? toBase64 : undefined)
    if (carriesMessages) {
      sending = true
      uploads++
    }
    const uploadsBefore = uploads
    let began: number | undefined
    const answered = (status: number, text: string): void => {
      if (closed) return
      if (carriesMessages) sending = false
      settle(body.t, fields)
      // Unless messages have gone up meanwhile, the answer counts all that went up before.
      const isUpIdle = !sending && uploads === uploadsBefore
      // The packet counts, not the status (PROTOCOL.md 9.1). One without `end` and `ack` is no answer of a server: some
      // gateways say `{"message":"Forbidden"}`.
      const down = readPacket(text)
      if (began !== undefined) {
        link.noteAnswer(link.clock.now() - began, status ? text.length : undefined)
      }
      if (!down?.end && !down?.ack) {
        if (carriesMessages && link.bodyAnswered(body, status)) return post(exchange)
        const isPacket = down && status === 200
        return onFailure(isPacket ? 'malformed' : status ? `http-${status}` : 'unreachable')
      }
      if (carriesMessages) link.bodyAnswered(body)
      handlePacket(down, text, !fields.answer, isUpIdle)
      if (!closed && !down.end) onAnswer(down)
    }
    const progress = (): void => {
      if (closed || !fields.answer) return
      began ??= link.clock.now()
      on.progress()
    }
    disposers[body.t] = request(link, body, { answered, progress })
  }
  const flush = (): void => {
    if (!sending && link.hasPending()) post({ fields: {}, withMessages: true, onAnswer: flush })
  }
  const handleEvent = (text: string): void => {
    if (closed) return
    const down = readPacket(text)
    if (down) handlePacket(down, text, false, false)
    else fail('malformed')
  }
  return { disposers, post, handleEvent, flush, close, fail }
}

/**
 * A transport whose stream only comes down: an exchange gets the ticket for the stream, and exchanges carry messages up.
 * `open` opens the stream and returns the function that ends it.
 */
export function openStream(
  link: Link,
  on: CarrierEvents,
  stream: TransportName,
  open: (ticket: string, exchanges: Exchanges) => () => void,
  request?: Request,
): Exchanges {
  const exchanges = createExchanges(link, on, request)
  const { disposers, fail, flush } = exchanges
  const start = (): void => {
    // The old stream ends before the ticket for the new one is asked for: the request needs its connection.
    disposers.stream?.()
    exchanges.post({
      fields: { stream: `"${stream}"` },
      withMessages: true,
      onAnswer({ ticket }) {
        if (!ticket) return fail('no-ticket')
        disposers.stream = open(ticket, exchanges)
        flush()
      },
    })
  }
  disposers.slot = takeSlot(link, { granted: start, refused: () => fail('no-slot') })
  return exchanges
}
