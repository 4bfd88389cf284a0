/** Who may come in, whatever the carrier: user, session, place. What passes becomes a reader or an answer. */
import type { IncomingMessage } from 'node:http'
import { MAX_BATCH, VERSION, type Attach, type Position, type TransportName } from 'rungs/protocol'
import type { HandlerQueue } from '../delivery/handler-queue.ts'
import { Reader } from '../delivery/reader.ts'
import { SUPERSEDED, type Readers } from '../delivery/readers.ts'
import type { Sink } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import type { LogEvent, Settings } from '../options.ts'
import type {
  Admission,
  AttachRequest,
  Awaitable,
  End,
  Page,
  SessionStore,
} from '../store/store.ts'
import type { Packet } from './parse.ts'

/** What every carrier works with. */
export interface Gate {
  readonly settings: Settings
  readonly store: SessionStore
  readonly readers: Readers
  readonly runner: HandlerQueue
  readonly now: () => number
  /** Whether the hub is closing: nobody comes in any more. */
  readonly draining: () => boolean
  /** Ends a session, and tells the application. */
  readonly end: (id: string, end: End) => Promise<void>
  readonly log: (event: LogEvent) => void
  /** Does what nobody waits for; a failure is logged. */
  readonly guard: (event: string, work: () => unknown) => Promise<void>
}

/** Bytes that a message which waits for its handler takes besides its own. */
const MESSAGE_COST = 100

export const DRAINING: End = { type: 'draining', reason: 'this server is going away; try again' }

const START: Position = [0, '']

/** What a client is told of an error, which is logged. */
export function refusalOf({ log }: Gate, error: unknown): Refusal {
  if (error instanceof Refusal) {
    log({ level: 'debug', event: 'refused', reason: error.message })
    return error
  }
  log({ level: 'error', event: 'request-failed', error })
  return new Refusal('internal', 'the server failed')
}

/** Finds out who makes a request. Throws a {@link Refusal}. */
export async function identify(
  { settings }: Gate,
  request: IncomingMessage,
  { key, token }: Attach,
): Promise<AttachRequest['identity']> {
  const user = await settings.authenticate(request, token)
  if (typeof user !== 'string') throw new Refusal('unauthorized', 'authenticate found no user')
  return { key, user }
}

/** The contact that a packet asks for. */
export function contactOf(
  who: AttachRequest['identity'],
  { attach, ack }: Packet,
  reader?: TransportName,
): AttachRequest {
  const { t, want, epoch, page: [generation, holder] = [0, ''] } = attach!
  return {
    identity: who,
    sequence: t,
    lowestWanted: want,
    page: { generation, holder },
    position: ack ?? START,
    ...(epoch === undefined ? {} : { epoch }),
    ...(reader === undefined ? {} : { readerTransport: reader }),
  }
}

/** Makes a contact with the session. Throws a {@link Refusal}. */
export async function contact(gate: Gate, wanted: AttachRequest): Promise<Admission> {
  if (gate.draining()) throw Refusal.of(DRAINING)
  const found = await gate.store.admit(gate.readers, wanted)
  if ('type' in found) throw Refusal.of(found)
  return found
}

/**
 * Opens the session if the contact made it. Its carrier is there already: what the handler sends reaches it, also if it
 * ends the session then.
 */
export function open({ draining, guard, runner }: Gate, { created, session }: Admission): void {
  // Opening is number 0 of the log up: messages wait for it like for any message before them.
  if (created && !draining()) void guard('store-failed', () => runner.pushOpening(session.id))
}

/**
 * Makes a reader of the session. `known`: how far its client knows the log up to be accepted. Throws a {@link Refusal} if
 * that is too late: the store may have taken its time.
 */
export function addReader(
  gate: Gate,
  wanted: AttachRequest,
  found: Admission,
  known: number,
  sink: Sink,
): Reader {
  const { readers, settings, store, guard, now } = gate
  const { id, epoch } = found.session
  if (gate.draining()) {
    void guard('store-failed', () => store.detach(readers, id, wanted.sequence))
    throw Refusal.of(DRAINING)
  }
  const start = {
    sessionId: id,
    epoch,
    sequence: wanted.sequence,
    position: wanted.position[0],
    acceptedUpTo: known,
    head: found.head,
    hello: hello(settings, found),
  }
  const reader = new Reader(readers, start, sink, now())
  if (!readers.add(reader)) throw Refusal.of(SUPERSEDED)
  return reader
}

/** What a session may do, as JSON text. */
export function hello(settings: Settings, { session }: Admission): string {
  const { heartbeat, sessionTtl: lifetime, maxMessage, window } = settings
  return JSON.stringify({
    version: VERSION,
    id: session.id,
    heartbeat,
    lifetime,
    maxMessage,
    window,
  })
}

/** Bytes of the largest packet: one message, each byte of it escaped as six, and a batch beside it. */
export function maxPacket({ maxMessage }: Settings): number {
  return 6 * maxMessage + 2 * MAX_BATCH
}

/** Whose packet it is. */
export interface Sender {
  readonly id: string
  readonly page: Page
}

/** What a packet says about the session itself. Settles when its messages are handled. Fails with a {@link Refusal}. */
export function receive(
  gate: Gate,
  sender: Sender,
  packet: Packet,
  bytes: number,
): Awaitable<void> {
  const { settings, readers, runner } = gate
  const { id } = sender
  readers.noteActivity(id)
  // What is not taken is not accepted: the client sends it again, elsewhere.
  if (gate.draining()) return undefined
  const { batch, volatile, bye, probe } = packet
  if (probe) void gate.guard('store-failed', () => gate.store.probe(id))
  if (runner.waitingBytes(id) > 2 * (settings.window + maxPacket(settings))) {
    throw new Refusal('gap', 'too much waits for its handlers already; send it again later')
  }
  const handle = (): Awaitable<void> => {
    const cost = MESSAGE_COST * ((batch?.messages.length ?? 0) + (volatile?.length ?? 0)) + bytes
    const handled = batch && runner.push(id, batch, cost)
    const passed = volatile && runner.pushVolatile(id, volatile, batch ? 0 : cost)
    return handled && passed ? Promise.all([handled, passed]).then(() => {}) : (handled ?? passed)
  }
  return bye ? leave(gate, sender, bye, handle) : handle()
}

/** The page goes away, after what it said last, even if that is refused. */
async function leave(
  { store, runner, end }: Gate,
  { id, page }: Sender,
  [grace, code, reason]: NonNullable<Packet['bye']>,
  handle: () => Awaitable<void>,
): Promise<void> {
  try {
    await handle()
  } finally {
    // Before it is closed, a session is opened.
    await runner.waitUntilHandled(id)
    if (grace > 0) await store.endAfter(id, page, grace * 1000)
    else await end(id, { type: 'closed', reason: reason ?? 'closed', code: code ?? 1000 })
  }
}
