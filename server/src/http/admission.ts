/** Lets the client of an attach or exchange in: finds its user, asks the store, opens the session, adds a reader. */
import type { IncomingMessage } from 'node:http'
import { VERSION, type Attach, type TransportName } from 'rungs/protocol'
import { Reader } from '../delivery/reader.ts'
import { SUPERSEDED } from '../delivery/readers.ts'
import type { Sink } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import type { Settings } from '../options.ts'
import type { Admission, AttachRequest, Page } from '../store/store.ts'
import { DRAINING, type ServerContext } from './context.ts'
import type { Packet } from './parse.ts'

/** Absent on the wire, a page counts as this one (PROTOCOL.md 4.2). */
const NO_PAGE: Page = { generation: 0, holder: '' }

/** Asks the application who makes a request. Fails with a {@link Refusal} `unauthorized`. */
export async function identify(
  { settings }: ServerContext,
  request: IncomingMessage,
  { key, token }: Attach,
): Promise<AttachRequest['identity']> {
  const user: unknown = await settings.authenticate(request, token)
  if (typeof user !== 'string') throw new Refusal('unauthorized', 'authenticate found no user')
  return { key, user }
}

/** Makes the request to the store that a packet with `attach` stands for. */
export function toAttachRequest(
  identity: AttachRequest['identity'],
  attach: Attach,
  { ack = [0, ''] }: Packet,
  readerTransport?: TransportName,
): AttachRequest {
  const { t, want, epoch, page } = attach
  return {
    identity,
    sequence: t,
    lowestWanted: want,
    page: page ? { generation: page[0], holder: page[1] } : NO_PAGE,
    position: ack,
    ...(epoch === undefined ? {} : { epoch }),
    ...(readerTransport === undefined ? {} : { readerTransport }),
  }
}

/** Asks the store to admit a request. Fails with a {@link Refusal}. */
export async function admit(
  { isDraining, store, readers }: ServerContext,
  attachRequest: AttachRequest,
): Promise<Admission> {
  if (isDraining()) throw Refusal.of(DRAINING)
  const answer = await store.admit(readers, attachRequest)
  if ('type' in answer) throw Refusal.of(answer)
  return answer
}

/**
 * Opens the session if the request created it. To be called when the reader of the request is there, so that it gets what the
 * handler sends, even if the handler ends the session.
 */
export function openIfCreated(
  { isDraining, runInBackground, handlerQueue }: ServerContext,
  { created, session }: Admission,
): void {
  if (!created || isDraining()) return
  void runInBackground('store-failed', () => handlerQueue.pushOpening(session.id))
}

/**
 * Adds the reader of an admitted request. Throws a {@link Refusal} if the hub is closing by now, or another request took the
 * place: the store may have taken its time.
 *
 * @param acceptedUpTo Number of the last message up that the client knows to be accepted.
 */
export function addReader(
  { isDraining, runInBackground, readers, settings, store, now }: ServerContext,
  { sequence, position: [position] }: AttachRequest,
  { session, head }: Admission,
  acceptedUpTo: number,
  sink: Sink,
): Reader {
  const { id: sessionId, epoch } = session
  if (isDraining()) {
    void runInBackground('store-failed', () => store.detach(readers, sessionId, sequence))
    throw Refusal.of(DRAINING)
  }
  const hello = helloOf(settings, sessionId)
  const start = { sessionId, epoch, sequence, position, acceptedUpTo, head, hello }
  const reader = new Reader(readers, start, sink, now())
  if (!readers.add(reader)) throw Refusal.of(SUPERSEDED)
  return reader
}

/** The hello for a session (PROTOCOL.md 4.6), as JSON text. */
export function helloOf(settings: Settings, id: string): string {
  const { heartbeat, sessionTtl: lifetime, maxMessage, window } = settings
  return JSON.stringify({ version: VERSION, id, heartbeat, lifetime, maxMessage, window })
}
