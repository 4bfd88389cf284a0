/** The exchange: a POST that carries acknowledgement and messages up, and is answered with messages down (PROTOCOL.md 3.2). */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { malformed } from '../checks.ts'
import { Refusal } from '../errors.ts'
import type { Settings } from '../settings.ts'
import {
  admitClient,
  heartbeatFor,
  openIfCreated,
  toAttachRequest,
  type Admitted,
  type AttachPacket,
} from './admission.ts'
import { composeAnswer } from './answer.ts'
import { PacketBody, checkEncoding } from './bodies.ts'
import { refuseIfDraining, toRefusal, upWindow, type ServerContext } from './context.ts'
import { HeldAnswer } from './held-answer.ts'
import { Outcomes } from './outcomes.ts'
import { checkOrigin } from './origins.ts'
import { decodeText, parsePacket, withoutMessages, type Packet } from './parse.ts'
import { waitForTurn } from './pipelining.ts'
import {
  MAX_ATTACH,
  maxPacketBytes,
  receivePacket,
  sayGoodbyeOfRefused,
  type PacketSource,
} from './receive.ts'
import { respond } from './responses.ts'

/** Milliseconds that handlers have before an exchange is answered with their messages received, and not yet accepted. */
const HANDLER_TIME = 50
/** Milliseconds that a ticket is good for (PROTOCOL.md 3.4). */
const TICKET_TTL = 30_000

/** An exchange whose client was let in. */
interface Exchange {
  readonly context: ServerContext
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: PacketBody
  /** The first packet of the body, and its bytes. */
  readonly first: AttachPacket
  readonly firstBytes: number
  readonly admitted: Admitted
  readonly source: PacketSource
}

/** Answers an exchange: lets its client in, does what its packets say, and sends what it asks for. */
export async function handleExchange(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { exchangesInFlight, settings } = context
  checkEncoding(request)
  checkOrigin(request, settings)
  refuseIfDraining(context)
  const exchange = await exchangesInFlight.admit(() => begin(context, request, response))
  const { first, source } = exchange
  // Those that wait are few: a session has three readers.
  if (first.answer !== 'wait') exchangesInFlight.check(source.sessionId)
  await exchangesInFlight.serve(source.sessionId, response, () => run(exchange))
}

/** Reads the first packet of an exchange, and lets its client in. The rest of the body waits. */
async function begin(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange> {
  const { settings } = context
  const body = new PacketBody(request, MAX_ATTACH + 1 + maxPacketBytes(settings), context.memory)
  const bytes = await body.first(MAX_ATTACH)
  const text = decodeText(bytes)
  const { envelope, hasMessages } = parseEnvelope(text, settings)
  const { attach, answer, hello } = envelope
  // The text is kept until it is known who speaks.
  const admitted = await context.memory.holdWhile(bytes.length, () =>
    admitClient(context, request, envelope, {
      isKnown: attach.epoch !== undefined && !hello && settings.authenticateEvery === 'carrier',
      ...(answer === 'wait' && { readerTransport: 'long-poll' }),
      hasGone: () => response.destroyed,
    }),
  )
  const first = hasMessages ? { ...parsePacket(text, settings), attach } : envelope
  const { session } = admitted.admission
  const { page } = admitted.attachRequest
  const source = { sessionId: session.id, user: session.user, page }
  return { context, request, response, body, first, firstBytes: bytes.length, admitted, source }
}

/**
 * The first packet without its messages, which are kept as text until it is known who speaks. Not a part of the function that
 * waits for that, because its variables would keep them.
 */
function parseEnvelope(
  text: string,
  settings: Settings,
): { readonly envelope: AttachPacket; readonly hasMessages: boolean } {
  const packet = parsePacket(text, settings)
  const { attach, answer, stream, bye, batch, volatile } = packet
  if (!attach) throw malformed('the first packet of an exchange has no attach')
  if (answer === 'wait' && (stream || bye)) {
    throw malformed('an exchange that waits has neither stream nor bye')
  }
  const hasMessages = batch !== undefined || volatile !== undefined
  return { envelope: withoutMessages({ ...packet, attach }), hasMessages }
}

async function run(exchange: Exchange): Promise<void> {
  const { context, request, response, first, admitted } = exchange
  let held: HeldAnswer | undefined
  try {
    held = first.answer === 'wait' ? hold(exchange) : undefined
  } finally {
    openIfCreated(context, admitted.admission)
  }
  const { outcomes, saysGoodbye } = await receivePackets(exchange)
  if (held) {
    held.start()
    watchForGap(context, held, outcomes)
    return
  }
  const hasGap = await waitForHandlers(exchange, outcomes)
  await waitForTurn(request, response)
  respond(request, response, 200, saysGoodbye ? '{}' : await answerTo(exchange, hasGap))
}

async function answerTo(exchange: Exchange, hasGap: boolean): Promise<string> {
  const { context, first, admitted } = exchange
  const ticket = await issueTicket(exchange)
  const wantsMessages = first.answer === 'now'
  const options = { saysHello: saysHello(first), wantsMessages, hasGap, ticket }
  return composeAnswer(context, admitted, options)
}

function hold({ context, request, response, first, admitted }: Exchange): HeldAnswer {
  const { accepted = 0, within = Infinity } = first
  const options = { saysHello: saysHello(first), acceptedUpTo: accepted, within }
  return new HeldAnswer(context, request, response, admitted, options)
}

function saysHello({ attach, hello }: AttachPacket): boolean {
  return attach.epoch === undefined || hello
}

/** Does what the packets of an exchange say, one after the other, up to a goodbye. */
async function receivePackets(
  exchange: Exchange,
): Promise<{ readonly outcomes: Outcomes; readonly saysGoodbye: boolean }> {
  const { context, body, source, first, firstBytes } = exchange
  const { settings, handlerQueue } = context
  const outcomes = new Outcomes()
  const receive = async (packet: Packet, bytes: number): Promise<void> => {
    const { handled } = await receivePacket(context, source, packet, bytes)
    outcomes.add(handled)
  }
  await receive(first, firstBytes)
  for (let last: Packet = first; !last.bye;) {
    // A client whose messages pile up is read from no further.
    if (handlerQueue.waitingBytes(source.sessionId) > upWindow(context)) {
      await waitForHandlers(exchange, outcomes)
    }
    const bytes = await body.next(maxPacketBytes(settings))
    if (!bytes) return { outcomes, saysGoodbye: false }
    last = await parseLater(exchange, bytes)
    await receive(last, bytes.length)
  }
  return { outcomes, saysGoodbye: true }
}

/** Parses a packet behind the first, and acknowledges what it says. Of one that is refused, the goodbye holds. */
async function parseLater(
  { context, source, first }: Exchange,
  bytes: Uint8Array,
): Promise<Packet> {
  const text = decodeText(bytes)
  try {
    const packet = parsePacket(text, context.settings)
    if (first.answer === 'wait' && packet.bye) throw malformed('an exchange that waits has no bye')
    const lost = packet.ack && (await context.store.acknowledge(source.sessionId, packet.ack))
    if (lost) throw Refusal.of(lost)
    return packet
  } catch (error) {
    await sayGoodbyeOfRefused(context, source, text)
    throw error
  }
}

/** Waits for the handlers of an exchange, but not long. Answers whether something was not taken, as far as that is known. */
async function waitForHandlers(
  { context, source, admitted }: Exchange,
  outcomes: Outcomes,
): Promise<boolean> {
  const { settings, handlerQueue } = context
  // A client whose messages pile up is slowed down.
  const isPatient = handlerQueue.waitingBytes(source.sessionId) > upWindow(context)
  const heartbeat = heartbeatFor(settings, admitted.attachRequest)
  if (await outcomes.areKnownWithin(isPatient ? heartbeat : HANDLER_TIME)) return outcomes.hasGap()
  // A failure after the answer is logged. The client sees that its messages are not accepted.
  outcomes.hasGap().catch((error: unknown) => toRefusal(context, error))
  return false
}

/** Tells a client whose answer is held that something it sent was not taken. */
function watchForGap(context: ServerContext, { reader }: HeldAnswer, outcomes: Outcomes): void {
  outcomes.hasGap().then(
    (hasGap) => {
      if (hasGap) reader.scheduleGap()
    },
    (error: unknown) => reader.close(toRefusal(context, error).end),
  )
}

async function issueTicket({ context, first, admitted }: Exchange): Promise<string | undefined> {
  const { store, settings } = context
  if (!first.stream) return undefined
  const ticket = randomBytes(16).toString('base64url')
  const { id, epoch } = admitted.admission.session
  // With an epoch, because nothing is kept then that would only count if the session was made.
  const packet = { ...first, attach: { ...first.attach, epoch } }
  const attachRequest = toAttachRequest(settings, { id }, packet, { readerTransport: first.stream })
  await store.saveTicket(ticket, attachRequest, TICKET_TTL)
  return ticket
}
