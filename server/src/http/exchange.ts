/** The exchange: a POST that carries acknowledgement and messages up, and answers with what its client asked for. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_BATCH, packet } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import type { AttachRequest, Admission } from '../store/store.ts'
import {
  addReader,
  contact,
  contactOf,
  hello,
  identify,
  maxPacket,
  open,
  receive,
  refusalOf,
  type Gate,
  type Sender,
} from './admission.ts'
import { readBody, refuse, respond } from './bodies.ts'
import { checkOrigin } from './origins.ts'
import { decodeText, parsePacket, type Packet } from './parse.ts'

/** Milliseconds that handlers have before an exchange is answered without them: received, and not yet accepted. */
const SETTLE = 50
/** Milliseconds that a ticket is good for. */
const TICKET_TTL = 30_000

export async function exchange(
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings } = gate
  checkOrigin(request, settings)
  const body = await readBody(request, maxPacket(settings))
  const up = parsePacket(decodeText(body), settings.maxMessage, false)
  const { attach, answer, stream, bye } = up
  if (!attach) throw new Refusal('malformed', 'an exchange needs attach')
  const who = await identify(gate, request, attach)
  const wanted = contactOf(who, up, answer === 'wait' ? 'long-poll' : undefined)
  const found = await contact(gate, wanted)
  const sender: Sender = { id: found.session.id, page: wanted.page }

  if (answer === 'wait') {
    try {
      park(gate, wanted, found, up, request, response)
    } finally {
      open(gate, found)
    }
    return receive(gate, sender, up, body.length)
  }
  open(gate, found)
  await settle(gate, sender, up, body.length)
  if (bye) return respond(request, response, 200, '{}')
  const ticket = stream && (await issueTicket(gate, contactOf({ id: sender.id }, up, stream)))
  respond(request, response, 200, await answerOf(gate, wanted, found, answer === 'now', ticket))
}

/** Waits for the handlers of a packet, but not long; longer if there is too much for them already. */
async function settle(gate: Gate, sender: Sender, up: Packet, bytes: number): Promise<void> {
  const handled = receive(gate, sender, up, bytes)
  if (!handled) return
  const { settings, runner } = gate
  // Nothing comes after a goodbye.
  const slow = up.bye || runner.waitingBytes(sender.id) > settings.window
  const patience = slow ? settings.heartbeat : SETTLE
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, patience, 'late')
  })
  try {
    // What fails later is of no more use to this client: it learns of it from what is accepted.
    if ((await Promise.race([handled, late])) === 'late')
      handled.catch((error: unknown) => refusalOf(gate, error))
  } finally {
    clearTimeout(timer)
  }
}

async function answerOf(
  { store, runner, settings }: Gate,
  wanted: AttachRequest,
  found: Admission,
  asked: boolean,
  ticket: string | undefined,
): Promise<string> {
  const { id, epoch } = found.session
  const backlog = await store.read(id, wanted.position[0], asked ? MAX_BATCH : 0)
  // A handler ended the session meanwhile.
  if ('type' in backlog) throw Refusal.of(backlog)
  const { first, messages, tag, head, acceptedUpTo: accepted } = backlog
  const received = Math.max(accepted, runner.receivedUpTo(id))
  return packet({
    hello: hello(settings, found),
    ack: `["${epoch}",${received},${accepted},${head}]`,
    batch:
      messages.length > 0 ? `[${first},[${messages.map((message) => message.entry).join()}]]` : '',
    tag: messages.length > 0 && tag ? JSON.stringify(tag) : '',
    ready: asked ? '1' : '',
    ticket: ticket && JSON.stringify(ticket),
  })
}

/** Holds the answer back until there is something to say. */
function park(
  gate: Gate,
  wanted: AttachRequest,
  found: Admission,
  { accepted, within = Infinity }: Packet,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { readers, settings } = gate
  const reader = addReader(gate, wanted, found, accepted ?? 0, {
    takesFrames: false,
    takesOnePacket: true,
    isCongested: () => false,
    write(text) {
      respond(request, response, 200, text as string)
      readers.remove(reader)
    },
    end: (_, end) => refuse(request, response, end),
    destroy: () => response.destroy(),
  })
  // Only who knows of a proxy that is more impatient than our heartbeat costs a timer.
  const timer =
    within < settings.heartbeat ? setTimeout(() => reader.sendHeartbeat(), within) : undefined
  response.on('close', () => {
    clearTimeout(timer)
    readers.remove(reader)
  })
  // Its client may have gone while it was looked for.
  if (response.destroyed) readers.remove(reader)
  else reader.start()
}

async function issueTicket(gate: Gate, wanted: AttachRequest): Promise<string> {
  const ticket = randomBytes(16).toString('base64url')
  await gate.store.saveTicket(ticket, wanted, TICKET_TTL)
  return ticket
}
