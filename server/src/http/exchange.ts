/** The exchange: a POST that carries acknowledgement and messages up, and is answered with messages down (PROTOCOL.md 3.2). */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_BATCH, packet } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import type { Admission, AttachRequest, Awaitable } from '../store/store.ts'
import { addReader, admit, helloOf, identify, openIfCreated, toAttachRequest } from './admission.ts'
import { readBody } from './bodies.ts'
import { toRefusal, type ServerContext } from './context.ts'
import { checkOrigin } from './origins.ts'
import { decodeText, parsePacket, type Packet } from './parse.ts'
import { maxPacketBytes, receivePacket } from './receive.ts'
import { refuse, respond } from './responses.ts'

/** Milliseconds that handlers have before an exchange is answered with their messages received, and not yet accepted. */
const HANDLER_TIME = 50
/** Milliseconds that a ticket is good for (PROTOCOL.md 3.4). */
const TICKET_TTL = 30_000

/** An exchange whose client was let in. */
interface Exchange {
  readonly context: ServerContext
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The packet in the body. */
  readonly packetUp: Packet
  readonly attachRequest: AttachRequest
  readonly admission: Admission
}

/** Answers an exchange: lets its client in, does what its packet says, and sends what it asks for. */
export async function handleExchange(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings } = context
  checkOrigin(request, settings)
  const body = await readBody(request, maxPacketBytes(settings))
  const packetUp = parsePacket(decodeText(body), settings)
  const { attach, answer, stream, bye } = packetUp
  if (!attach) throw new Refusal('malformed', 'the packet of an exchange has no attach')
  const identity = await identify(context, request, attach)
  const readerTransport = answer === 'wait' ? 'long-poll' : undefined
  const attachRequest = toAttachRequest(identity, attach, packetUp, readerTransport)
  const admission = await admit(context, attachRequest)
  const exchange = { context, request, response, packetUp, attachRequest, admission }
  const sessionId = admission.session.id
  const source = { sessionId, page: attachRequest.page }

  if (answer === 'wait') {
    try {
      holdAnswer(exchange)
    } finally {
      openIfCreated(context, admission)
    }
    return receivePacket(context, source, packetUp, body.length)
  }
  openIfCreated(context, admission)
  await waitForHandlers(exchange, receivePacket(context, source, packetUp, body.length))
  if (bye) return respond(request, response, 200, '{}')
  const ticket =
    stream &&
    (await issueTicket(context, toAttachRequest({ id: sessionId }, attach, packetUp, stream)))
  return respond(request, response, 200, await composeAnswer(exchange, ticket))
}

/** Waits for the handlers of a packet, but not long. */
async function waitForHandlers(
  { context, packetUp, admission }: Exchange,
  handled: Awaitable<void>,
): Promise<void> {
  if (!handled) return
  const { settings, handlerQueue } = context
  // A goodbye is the last request of its page, and a client whose messages pile up is slowed down.
  const isPatient =
    packetUp.bye || handlerQueue.waitingBytes(admission.session.id) > settings.window
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, isPatient ? settings.heartbeat : HANDLER_TIME, 'late')
  })
  try {
    if ((await Promise.race([handled, late])) !== 'late') return
    // A failure after the answer is logged. The client sees that its messages are not accepted.
    handled.catch((error: unknown) => toRefusal(context, error))
  } finally {
    clearTimeout(timer)
  }
}

/** The answer, as JSON text. */
async function composeAnswer(
  { context, packetUp, attachRequest, admission }: Exchange,
  ticket: string | undefined,
): Promise<string> {
  const { store, handlerQueue, settings } = context
  const { id, epoch } = admission.session
  const [position] = attachRequest.position
  const wantsMessages = packetUp.answer === 'now'
  const backlog = await store.read(id, position, wantsMessages ? MAX_BATCH : 0)
  // The handlers of the packet may have ended the session.
  if ('type' in backlog) throw Refusal.of(backlog)
  const { first, messages, tag, head, acceptedUpTo } = backlog
  const receivedUpTo = Math.max(acceptedUpTo, handlerQueue.receivedUpTo(id))
  const entries = messages.map(({ entry }) => entry).join()
  return packet({
    hello: helloOf(settings, id),
    ack: `["${epoch}",${receivedUpTo},${acceptedUpTo},${head}]`,
    batch: entries && `[${first},[${entries}]]`,
    tag: entries && tag && JSON.stringify(tag),
    ready: wantsMessages && '1',
    ticket: ticket && JSON.stringify(ticket),
  })
}

/** Holds the answer back until there is a message, or news of what is accepted. */
function holdAnswer({
  context,
  request,
  response,
  packetUp,
  attachRequest,
  admission,
}: Exchange): void {
  const { readers, settings } = context
  const { accepted = 0, within = Infinity } = packetUp
  const reader = addReader(context, attachRequest, admission, accepted, {
    takesFrames: false,
    takesOnePacket: true,
    isCongested: () => false,
    write(text) {
      respond(request, response, 200, String(text))
      readers.remove(reader)
    },
    end: (_, end) => refuse(request, response, end),
    destroy: () => response.destroy(),
  })
  // A timer of its own only for clients that know of a proxy which is more impatient than the heartbeat.
  const timer =
    within < settings.heartbeat ? setTimeout(() => reader.sendHeartbeat(), within) : undefined
  response.on('close', () => {
    clearTimeout(timer)
    readers.remove(reader)
  })
  // The client may have gone while the store was asked.
  if (response.destroyed) readers.remove(reader)
  else reader.start()
}

async function issueTicket(
  { store }: ServerContext,
  attachRequest: AttachRequest,
): Promise<string> {
  const ticket = randomBytes(16).toString('base64url')
  await store.saveTicket(ticket, attachRequest, TICKET_TTL)
  return ticket
}
