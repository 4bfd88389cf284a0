/** Packets of admitted clients: their messages go to the handlers, a goodbye ends the session. */
import { MESSAGE_OVERHEAD } from 'rungs/protocol'
import type { PushResult } from '../delivery/handler-queue.ts'
import type { Receipt } from '../delivery/intake.ts'
import type { Settings } from '../settings.ts'
import type { Awaitable, Page } from '../store/store.ts'
import { upWindow, type ServerContext } from './context.ts'
import { goodbyeIn, type Goodbye, type Packet } from './parse.ts'

/** Bytes of an attach packet (PROTOCOL.md 3.2 and 3.3). */
export const MAX_ATTACH = 16_384
/** Bytes of a packet beside its entries. */
const MAX_ENVELOPE = 20_000

/** The session, the user and the page that a packet came from. */
export interface PacketSource {
  readonly sessionId: string
  readonly user: string
  readonly page: Page
}

const NOTHING: Receipt = { handled: undefined }
const GAP: Receipt = { handled: 'gap' }

/** Bytes of the largest packet or frame (PROTOCOL.md 5). */
export function maxPacketBytes({ maxBatch }: Settings): number {
  return maxBatch + MAX_ENVELOPE
}

/** Bytes of one session that may wait for their handlers: twice as much as a client that is read from no more can have sent. */
function maxWaitingBytes(context: ServerContext): number {
  return 2 * (upWindow(context) + maxPacketBytes(context.settings))
}

/**
 * Does what a packet says. Settles when its messages are received. Throws or rejects with a Refusal, also later, where its
 * messages are handled.
 *
 * @param bytes The size of the packet.
 */
export function receivePacket(
  context: ServerContext,
  source: PacketSource,
  packet: Packet,
  bytes: number,
): Awaitable<Receipt> {
  const { store, readers, runInBackground } = context
  const { sessionId } = source
  readers.noteActivity(sessionId)
  if (packet.probe) void runInBackground('store-failed', () => store.probe(sessionId))
  const { bye } = packet
  const take = (): Awaitable<Receipt> => takeMessages(context, sessionId, packet, bytes)
  if (!bye) return take()
  return { handled: takeAndEnd(context, source, bye, take) }
}

/** From its goodbye on, a page gets nothing else, though its last messages may not be handled yet (PROTOCOL.md 6.10). */
function markLeft(
  { store, runInBackground }: ServerContext,
  { sessionId, page }: PacketSource,
  [graceSeconds]: Goodbye,
): void {
  void runInBackground('store-failed', () => store.markLeft(sessionId, page, graceSeconds === 0))
}

/** Does what the goodbye in a packet says that was refused, if the packet can be read (PROTOCOL.md 6.10). */
export async function sayGoodbyeOfRefused(
  context: ServerContext,
  source: PacketSource,
  text: string,
): Promise<void> {
  const bye = goodbyeIn(text, context.settings)
  if (bye) await sayGoodbye(context, source, bye)
}

/** Ends the session of a page that goes away, once its last messages are handled (PROTOCOL.md 6.10). */
export async function sayGoodbye(
  context: ServerContext,
  source: PacketSource,
  bye: Goodbye,
): Promise<void> {
  markLeft(context, source, bye)
  await endOnceHandled(context, source, bye)
}

async function endOnceHandled(
  { store, handlerQueue, endSession }: ServerContext,
  { sessionId, page }: PacketSource,
  [graceSeconds, code, reason]: Goodbye,
): Promise<void> {
  // A packet without messages may come while the session is being opened, and a session is opened before it is closed.
  await handlerQueue.waitUntilHandled(sessionId)
  const end = { type: 'closed', reason: reason ?? 'closed', code: code ?? 1_000 } as const
  if (graceSeconds > 0) await store.endAfter(sessionId, page, graceSeconds * 1_000, end)
  else await endSession(sessionId, end)
}

async function takeAndEnd(
  context: ServerContext,
  source: PacketSource,
  bye: Goodbye,
  take: () => Awaitable<Receipt>,
): Promise<PushResult> {
  markLeft(context, source, bye)
  try {
    const { handled } = await take()
    return await handled
  } finally {
    await endOnceHandled(context, source, bye)
  }
}

function takeMessages(
  context: ServerContext,
  id: string,
  { batch, volatile, containers }: Packet,
  bytes: number,
): Awaitable<Receipt> {
  const { handlerQueue, intake, isDraining } = context
  // Messages that are not taken are not accepted either: the client sends them again, to another server.
  if (isDraining() || !(batch || volatile)) return NOTHING
  if (handlerQueue.waitingBytes(id) > maxWaitingBytes(context)) return batch ? GAP : NOTHING
  // Each message is an array, too.
  const cost = bytes + containers * MESSAGE_OVERHEAD
  const receipt = batch ? intake.take(id, batch, cost) : NOTHING
  if (!volatile) return receipt
  const takeVolatile = ({ handled }: Receipt): Receipt => {
    const volatileHandled = handlerQueue.pushVolatile(id, volatile, batch ? 0 : cost)
    if (!(volatileHandled instanceof Promise)) return { handled }
    return { handled: Promise.all([handled, volatileHandled]).then(([result]) => result) }
  }
  return receipt instanceof Promise ? receipt.then(takeVolatile) : takeVolatile(receipt)
}
