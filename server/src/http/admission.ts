/** Lets the client of an attach or exchange in: finds its user, asks the store, opens the session, adds a reader. */
import type { IncomingMessage } from 'node:http'
import { VERSION, type Attach, type TransportName } from 'rungs/protocol'
import { Reader } from '../delivery/reader.ts'
import { SUPERSEDED } from '../delivery/readers.ts'
import type { Sink } from '../delivery/sink.ts'
import { Refusal } from '../errors.ts'
import { overloaded } from '../memory-budget.ts'
import type { Settings } from '../settings.ts'
import type { Admission, AttachRequest, End, Page, SessionRecord } from '../store/store.ts'
import { addressOf } from './address.ts'
import { authenticate } from './authentication.ts'
import { drainingEnd, refuseIfDraining, type ServerContext } from './context.ts'
import { originToKeep } from './origins.ts'
import type { Packet } from './parse.ts'

/**
 * Bytes of the entries of one packet on a WebSocket or stream. A large message in packets of this size loses little when the
 * carrier is cut, and the next packet follows at once.
 */
const STREAM_PACKET = 16_384
/** Absent on the wire, a page counts as this one (PROTOCOL.md 4.2). */
const NO_PAGE: Page = { generation: 0, holder: '' }

/** A packet whose sender says who it is. */
export type AttachPacket = Packet & { readonly attach: Attach }

/** A client that was let in, and what it had asked for. */
export interface Admitted {
  readonly attachRequest: AttachRequest
  readonly admission: Admission
}

export interface AdmissionOptions {
  /** Whether the key and the epoch are proof enough, so that the application is not asked. */
  readonly isKnown: boolean
  readonly readerTransport?: TransportName
  /** Whether the client has gone meanwhile. */
  readonly hasGone: () => boolean
}

/** Fields of a request to the store that are not in the packet. */
interface RequestFields {
  readonly readerTransport?: TransportName | undefined
  /** Origin to keep with a session that the request creates. */
  readonly origin?: string | undefined
  /** Address to count it by. */
  readonly address?: string
}

/** Lets the client of a packet in. Fails with a {@link Refusal}. */
export async function admitClient(
  context: ServerContext,
  request: IncomingMessage,
  packet: AttachPacket,
  { isKnown, readerTransport, hasGone }: AdmissionOptions,
): Promise<Admitted> {
  const { settings } = context
  const { attach } = packet
  const { key, token } = attach
  await refuseNewcomerIfShort(context, attach)
  const admitAs = async (identity: AttachRequest['identity']): Promise<Admitted | End> => {
    const origin = originToKeep(request)
    const address = addressOf(request, settings)
    const fields = { readerTransport, origin, address }
    const attachRequest = toAttachRequest(settings, identity, packet, fields)
    const admission = await askStore(context, attachRequest)
    if ('type' in admission) return admission
    if (admission.created) context.unprovenSockets.notifyCreated(key)
    return { attachRequest, admission }
  }
  const admitUser = async (): Promise<Admitted | End> => {
    const user = await authenticate(settings, request, token, attach)
    // The application may have taken its time. A session is made for nobody then.
    if (hasGone()) throw new Refusal('timeout', 'the client has gone')
    return admitAs({ key, ...user })
  }

  const hasToken = token !== undefined
  let admitted = await (isKnown ? admitAs({ key, hasToken }) : admitUser())
  const needsToken = isKnown && 'type' in admitted && admitted.type === 'unauthorized'
  if (needsToken && hasToken) admitted = await admitUser()
  if ('type' in admitted) throw Refusal.of(admitted)
  return admitted
}

/** While memory is short, nobody is let in who has no session yet. The application is not asked. */
async function refuseNewcomerIfShort(
  { memory, store }: ServerContext,
  { key, epoch }: Attach,
): Promise<void> {
  if (epoch === undefined && memory.isOver && !(await store.findByKey(key))) throw overloaded()
}

/** Lets the client in that brings a ticket. Fails with a {@link Refusal}. */
export async function admitTicket(
  context: ServerContext,
  attachRequest: AttachRequest,
): Promise<Admission> {
  const admission = await askStore(context, attachRequest)
  if ('type' in admission) throw Refusal.of(admission)
  return admission
}

async function askStore(
  context: ServerContext,
  attachRequest: AttachRequest,
): Promise<Admission | End> {
  refuseIfDraining(context)
  const { store, readers } = context
  return store.admit(readers, attachRequest)
}

/** Makes the request to the store that a packet with `attach` stands for. */
export function toAttachRequest(
  settings: Settings,
  identity: AttachRequest['identity'],
  { attach, ack = [0, ''] }: AttachPacket,
  { readerTransport, origin, address }: RequestFields = {},
): AttachRequest {
  const { t, want, epoch, page, heartbeat, pad, maxBatch } = attach
  return {
    identity,
    sequence: t,
    lowestWanted: want,
    page: page ? { generation: page[0], holder: page[1] } : NO_PAGE,
    position: ack,
    ...(epoch === undefined ? creationFields(settings, attach, origin, address) : { epoch }),
    ...(readerTransport === undefined ? {} : { readerTransport }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(pad === undefined ? {} : { pad }),
  }
}

/** Fields that count if the session is created. */
function creationFields(
  { protocols: spoken }: Settings,
  { url, protocols, meta }: Attach,
  origin: string | undefined,
  address: string | undefined,
): Pick<AttachRequest, 'origin' | 'address' | 'url' | 'protocol' | 'meta'> {
  const protocol = protocols?.find((name) => spoken.includes(name))
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(address === undefined ? {} : { address }),
    ...(url === undefined ? {} : { url }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(meta === undefined ? {} : { meta: JSON.stringify(meta) }),
  }
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

export interface ReaderOptions {
  /** Number of the last message up that the client knows to be accepted. */
  readonly acceptedUpTo: number
  readonly saysHello: boolean
}

/**
 * Adds the reader of an admitted request. Throws a {@link Refusal} if the hub is closing by now, or another request took the
 * place: the store may have taken its time.
 */
export function addReader(
  { isDraining, runInBackground, readers, settings, store, now }: ServerContext,
  { attachRequest, admission }: Admitted,
  { acceptedUpTo, saysHello }: ReaderOptions,
  sink: Sink,
): Reader {
  const { sequence, position, readerTransport } = attachRequest
  const { session, head, outstanding, partProgress, tokenTtl } = admission
  const { id: sessionId } = session
  if (isDraining()) {
    void runInBackground('store-failed', () => store.detach(readers, sessionId, sequence))
    throw Refusal.of(drainingEnd(settings))
  }
  const heartbeat = heartbeatFor(settings, attachRequest)
  const hello = saysHello ? helloOf(settings, session, heartbeat) : ''
  const start = {
    sessionId,
    sequence,
    transport: readerTransport!,
    position,
    // A client cannot know of more than there is.
    acceptedUpTo: Math.min(acceptedUpTo, admission.acceptedUpTo),
    partProgress,
    head,
    outstanding,
    hello,
    heartbeat,
    tokenTtl,
    packetSize: Math.min(
      batchSizeFor(settings, attachRequest),
      sink.takesOnePacket ? Infinity : STREAM_PACKET,
    ),
  }
  const reader = new Reader(readers, start, sink, now())
  if (!readers.add(reader)) throw Refusal.of(SUPERSEDED)
  return reader
}

/** Milliseconds of the heartbeat interval of a carrier: the server's own, or less if the client's network needs it. */
export function heartbeatFor(
  settings: Settings,
  { heartbeat = Infinity }: Pick<AttachRequest, 'heartbeat'>,
): number {
  return Math.min(settings.heartbeat, heartbeat)
}

/** Bytes of the entries of a packet down: the server's own limit, or less if the client's line needs it. */
export function batchSizeFor(
  settings: Settings,
  { maxBatch = Infinity }: Pick<AttachRequest, 'maxBatch'>,
): number {
  return Math.min(settings.maxBatch, maxBatch)
}

/** The hello for a session (PROTOCOL.md 4.7), as JSON text. */
export function helloOf(
  settings: Settings,
  { id, epoch, protocol }: SessionRecord,
  heartbeat: number,
): string {
  const { sessionTtl: lifetime, maxMessage, maxBatch, window, retryAfter } = settings
  const bound = settings.authenticateEvery === 'carrier' ? 1 : undefined
  const limits = { heartbeat, lifetime, maxMessage, maxBatch, window }
  // Fields that are undefined are left out.
  return JSON.stringify({ version: VERSION, id, epoch, ...limits, bound, protocol, retryAfter })
}
