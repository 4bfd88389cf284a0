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
import { maxPacketBytes, receivePacket, type PacketSource } from './receive.ts'
import { refuse, respond } from './responses.ts'

/** Milliseconds that handlers have before an exchange is answered with their messages received, and not yet accepted. */
const HANDLER_TIME = 50
/** Milliseconds that a ticket is good for (PROTOCOL.md 3.4). */
const TICKET_TTL = 30_000

export async function handleExchange(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings } = context
  checkOrigin(request, settings)
  const body = await readBody(request, maxPacketBytes(settings))
  const up = parsePacket(decodeText(body), settings)
  const { attach, answer, stream, bye } = up
  if (!attach) throw new Refusal('malformed', 'the packet of an exchange has no attach')
  const identity = await identify(context, request, attach)
  const readerTransport = answer === 'wait' ? 'long-poll' : undefined
  const attachRequest = toAttachRequest(identity, attach, up, readerTransport)
  const admission = await admit(context, attachRequest)
  const source = { sessionId: admission.session.id, page: attachRequest.page }

  if (answer === 'wait') {
    try {
      holdAnswer(context, attachRequest, admission, up, request, response)
    } finally {
      openIfCreated(context, admission)
    }
    return receivePacket(context, source, up, body.length)
  }
  openIfCreated(context, admission)
  await waitForHandlers(context, source, up, receivePacket(context, source, up, body.length))
  if (bye) return respond(request, response, 200, '{}')
  const ticket =
    stream &&
    (await issueTicket(context, toAttachRequest({ id: source.sessionId }, attach, up, stream)))
  const text = await composeAnswer(context, attachRequest, admission, answer === 'now', ticket)
  return respond(request, response, 200, text)
}

/** Waits for the handlers of a packet, but not long. */
async function waitForHandlers(
  context: ServerContext,
  { sessionId }: PacketSource,
  { bye }: Packet,
  handled: Awaitable<void>,
): Promise<void> {
  if (!handled) return
  const { settings, handlerQueue } = context
  // A goodbye is the last request of its page, and a client whose messages pile up is slowed down.
  const isPatient = bye || handlerQueue.waitingBytes(sessionId) > settings.window
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

async function composeAnswer(
  { store, handlerQueue, settings }: ServerContext,
  { position: [position] }: AttachRequest,
  { session: { id, epoch } }: Admission,
  wantsMessages: boolean,
  ticket: string | undefined,
): Promise<string> {
  const backlog = await store.read(id, position, wantsMessages ? MAX_BATCH : 0)
  // Its handlers may have ended the session meanwhile.
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
function holdAnswer(
  context: ServerContext,
  attachRequest: AttachRequest,
  admission: Admission,
  { accepted = 0, within = Infinity }: Packet,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { readers, settings } = context
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
