/** Packets of admitted clients: their messages go to the handlers, a goodbye ends the session. */
import { MAX_BATCH, type Up } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import type { Settings } from '../options.ts'
import { MESSAGE_OVERHEAD } from '../store/message-overhead.ts'
import type { Awaitable, Page } from '../store/store.ts'
import type { ServerContext } from './context.ts'
import type { Packet } from './parse.ts'

/** The session and the page that a packet came from. */
export interface PacketSource {
  readonly sessionId: string
  readonly page: Page
}

/** Bytes of the largest packet: one message, of which each byte is escaped as six, and a batch beside it (PROTOCOL.md 5). */
export function maxPacketBytes({ maxMessage }: Settings): number {
  return 6 * maxMessage + 2 * MAX_BATCH
}

/** Bytes of one session that may wait for their handlers: twice as much as a client that is read from no more can have sent. */
function maxWaitingBytes(settings: Settings): number {
  return 2 * (settings.window + maxPacketBytes(settings))
}

/**
 * Does what a packet says. Settles when its messages are handled, at once if there are none. Fails with a {@link Refusal}.
 *
 * @param bytes The size of the packet.
 */
export function receivePacket(
  context: ServerContext,
  source: PacketSource,
  packet: Packet,
  bytes: number,
): Awaitable<void> {
  const { settings, store, readers, handlerQueue, isDraining, runInBackground } = context
  const { sessionId } = source
  readers.noteActivity(sessionId)
  // Messages that are not taken are not accepted either: the client sends them again, to another server.
  if (isDraining()) return undefined
  if (packet.probe) void runInBackground('store-failed', () => store.probe(sessionId))
  if (handlerQueue.waitingBytes(sessionId) > maxWaitingBytes(settings)) {
    throw new Refusal('gap', 'too many messages wait for their handlers; send this one again later')
  }
  const handle = (): Awaitable<void> => pushMessages(context, sessionId, packet, bytes)
  return packet.bye ? sayGoodbye(context, source, packet.bye, handle) : handle()
}

function pushMessages(
  { handlerQueue }: ServerContext,
  id: string,
  { batch, volatile }: Packet,
  bytes: number,
): Awaitable<void> {
  const count = (batch?.messages.length ?? 0) + (volatile?.length ?? 0)
  const cost = bytes + count * MESSAGE_OVERHEAD
  const handled = batch && handlerQueue.push(id, batch, cost)
  const volatileHandled = volatile && handlerQueue.pushVolatile(id, volatile, batch ? 0 : cost)
  if (!handled || !volatileHandled) return handled ?? volatileHandled
  return Promise.all([handled, volatileHandled]).then(() => {})
}

/** Ends the session of a page that goes away, once its last messages are handled or refused (PROTOCOL.md 6.10). */
async function sayGoodbye(
  { store, handlerQueue, endSession }: ServerContext,
  { sessionId, page }: PacketSource,
  [graceSeconds, code, reason]: NonNullable<Up['bye']>,
  handleMessages: () => Awaitable<void>,
): Promise<void> {
  try {
    await handleMessages()
  } finally {
    // A packet without messages may come while the session is being opened, and a session is opened before it is closed.
    await handlerQueue.waitUntilHandled(sessionId)
    if (graceSeconds > 0) {
      await store.endAfter(sessionId, page, graceSeconds * 1_000)
    } else {
      const end = { type: 'closed', reason: reason ?? 'closed', code: code ?? 1_000 } as const
      await endSession(sessionId, end)
    }
  }
}
