/**
 * The socket: checks what an application asks for, and tells it what happens.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
import { openChannel } from './channel.ts'
import type { CreateStrategy } from './connection/strategy.ts'
import { RungsError } from './error.ts'
import { createEvent } from './event.ts'
import { checkOptions, checkPage, namedTransports, supportedTransports } from './options.ts'
import { systemClock, type Clock } from './platform/clock.ts'
import { enqueueTask } from './platform/engine.ts'
import { resolveUrl } from './platform/url.ts'
import {
  MAX_DEPTH,
  MAX_MESSAGE,
  MAX_RECIPIENTS,
  MAX_USER_ID,
  MESSAGE_OVERHEAD,
  REFUSED,
  countContainers,
  createMessage,
  encodeWhole,
  maxContainers,
  type Message,
} from './protocol.ts'
import type { Session } from './session/session.ts'
import { toBase64 } from './transports/base64.ts'
import type { Transport } from './transports/transport.ts'
import type {
  CoreOptions,
  Data,
  MessageInfo,
  RefusedMessage,
  ResetEvent,
  Socket,
  StateEvent,
  TransportEvent,
  TransportName,
} from './types.ts'

/** Messages of the largest size that may wait by default. */
const DEFAULT_BUFFERED = 4
/** Messages that may always wait, however small `maxBuffered` is. */
const FEWEST_BUFFERED = 16

/** The parts that an entry of the package chooses. */
export interface Parts {
  readonly createStrategy: CreateStrategy
  /** Transports that `setTransports` may name. */
  readonly known: readonly Transport[]
  /** Time and chance, for tests. */
  readonly clock?: Clock
}

/** Options of both entries of the package. */
export interface ClientOptions extends Omit<CoreOptions, 'transports'> {
  readonly transports: readonly (TransportName | Transport)[]
}

/** The recipients of a message. Throws `invalid-option`. */
function checkRecipients(to: unknown): readonly string[] | undefined {
  if (to === undefined) return undefined
  const recipients: unknown[] = Array.isArray(to) ? to : [to]
  const areIds = recipients.every(
    (id) => typeof id === 'string' && id.length > 0 && id.length <= MAX_USER_ID,
  )
  if (areIds && recipients.length && recipients.length <= MAX_RECIPIENTS) {
    return recipients as string[]
  }
  throw new RungsError(
    'invalid-option',
    `to is not 1 to ${MAX_RECIPIENTS} user ids of 1 to ${MAX_USER_ID} characters`,
  )
}

/** A message that the server takes. Throws `invalid-message` or `message-too-large`. */
function makeMessage(
  data: unknown,
  to: readonly string[] | undefined,
  { serverLimits: { maxMessage } }: Session,
): Message {
  const message = createMessage(data, to)
  if (!message || (typeof message.body === 'string' && isTooComplex(message.body, maxMessage))) {
    throw new RungsError(
      'invalid-message',
      `This ${typeof data} cannot be sent; send JSON, at most ${MAX_DEPTH} deep and of ${maxContainers(maxMessage)} arrays and objects, an ArrayBuffer or a view of one`,
    )
  }
  if (message.size > maxMessage) {
    throw new RungsError(
      'message-too-large',
      `${message.size} bytes are more than the server's ${maxMessage}; split the message`,
    )
  }
  return message
}

function isTooComplex(json: string, maxMessage: number): boolean {
  return countContainers(json, maxContainers(maxMessage)) === Infinity
}

/** Throws `message-too-large`: a volatile message has no parts, because nobody keeps what is there of it. */
function checkFitsPacket(message: Message, { serverLimits: { maxBatch } }: Session): void {
  const { bytes } = encodeWhole(message, toBase64)
  if (bytes <= maxBatch) return
  throw new RungsError(
    'message-too-large',
    `${bytes} encoded bytes are more than the ${maxBatch} of a volatile message; send it without volatile`,
  )
}

/** Throws `buffer-full` if a message finds no room beside those that wait. `given`: the option `maxBuffered`. */
function checkRoom({ outbox, serverLimits }: Session, { size }: Message, given?: number): void {
  const maxBuffered = given ?? DEFAULT_BUFFERED * Math.max(MAX_MESSAGE, serverLimits.maxMessage)
  const { bufferedBytes, messages } = outbox
  const maxMessages = Math.max(FEWEST_BUFFERED, Math.floor(maxBuffered / MESSAGE_OVERHEAD))
  if (bufferedBytes + size <= maxBuffered && messages.length < maxMessages) return
  throw new RungsError(
    'buffer-full',
    `${bufferedBytes} of ${maxBuffered} bytes and ${messages.length} of ${maxMessages} messages wait, so there is no room ` +
      `for ${size} bytes more; await drained()`,
  )
}

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
export function connect<In = Data, Out = Data>(
  url = '/rungs',
  options: ClientOptions,
  { createStrategy, known, clock = systemClock }: Parts,
): Socket<In, Out> {
  checkPage()
  checkOptions(options)
  const { maxBuffered } = options
  const transports = supportedTransports(namedTransports(options.transports, known))
  const target = resolveUrl(url)

  const messages = createEvent<[In, MessageInfo]>()
  const states = createEvent<[StateEvent<Out>]>()
  const transportChanges = createEvent<[TransportEvent]>()
  const resets = createEvent<[ResetEvent<Out>]>()
  const refusals = createEvent<[RefusedMessage<Out>]>()

  const channel = openChannel<Out>(
    { ...options, url: target, transports, createStrategy, clock },
    {
      onMessage([data, peer, kind = 0]) {
        if (!(kind & REFUSED)) messages.emit(data as In, peer ? { from: peer as string } : {})
        else refusals.emit({ data: data as Out, to: peer as readonly string[], reason: 'relay' })
      },
      hasListeners: messages.hasListeners,
      onState: states.emit,
      onTransport: transportChanges.emit,
      onReset: resets.emit,
      onRefused: refusals.emit,
    },
  )

  return {
    get id() {
      return channel.session.id
    },
    get protocol() {
      return channel.session.protocol
    },
    get state() {
      return channel.state
    },
    get transport() {
      return channel.transport
    },
    get rtt() {
      return channel.session.rtt
    },
    attempts: channel.attempts,
    get bufferedAmount() {
      return channel.session.outbox.bufferedBytes
    },
    send(data, { to, volatile } = {}) {
      channel.checkOpen()
      const { session } = channel
      const message = makeMessage(data, checkRecipients(to), session)
      if (volatile) checkFitsPacket(message, session)
      if (!volatile) {
        checkRoom(session, message, maxBuffered)
        session.outbox.push(message)
      } else if (channel.transport) {
        session.volatile.push(message)
      }
      channel.flush()
    },
    onMessage(listener) {
      // Messages that wait are delivered after this call, so that the caller has what unsubscribes by then.
      enqueueTask(() => channel.session.deliver())
      return messages.on(listener)
    },
    onState: states.on,
    onTransport: transportChanges.on,
    onReset: resets.on,
    onRefused: refusals.on,
    setTransports(wanted) {
      channel.checkOpen()
      channel.setTransports(supportedTransports(namedTransports(wanted, known, 'unsupported')))
    },
    drained() {
      return new Promise((resolve) => {
        channel.checkOpen()
        resolve(channel.drained(channel.session.outbox.lastSequence))
      })
    },
    close: channel.close,
  }
}
