import { randomBytes } from 'node:crypto'
import type { PartialMessage } from 'rungs/protocol'
import { FULL } from '../store/creation.ts'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type {
  Admission,
  AttachRequest,
  Backlog,
  Cause,
  ClaimResult,
  Cursor,
  End,
  EndedSession,
  Page,
  PartResult,
  PartUp,
  SessionRecord,
  SessionStore,
  StoreLimits,
  StoreListener,
  Target,
} from '../store/store.ts'
import { encodeMessage, encodePart } from './entries.ts'
import type { Nodes } from './nodes.ts'
import {
  fromRequest,
  nameOfKey,
  toAdmission,
  toBacklog,
  toEnd,
  toEndedSession,
  toPartialMessage,
  toRecord,
  type AdmitReply,
  type EndedReply,
  type PartsReply,
  type ReadReply,
  type RecordReply,
} from './records.ts'
import { SendersRoom } from './senders-room.ts'
import type { ScriptName } from './scripts.ts'
import { TouchTimes } from './touch-times.ts'

/** Sessions of one script, so that others have their turn between them. */
const TOUCH_BATCH = 500

const LOST: End = { type: 'lost', reason: 'the position is not of this log' }

/** Sessions in Redis or Valkey, for several nodes. Made by {@link redisStore}. Each method is one script, and so one step. */
export class RedisStore implements SessionStore {
  readonly #nodes: Nodes
  readonly #touches = new TouchTimes()
  readonly #room: SendersRoom
  /** Sessions that made room for others, until the application is told. */
  #evicted: EndedSession[] = []

  constructor(nodes: Nodes) {
    this.#nodes = nodes
    this.#room = new SendersRoom(nodes)
  }

  async connect(listener: StoreListener, limits: StoreLimits): Promise<void> {
    await this.#nodes.add(listener, limits)
  }

  async disconnect(listener: StoreListener): Promise<void> {
    await this.#nodes.remove(listener)
  }

  async admit(listener: StoreListener, request: AttachRequest): Promise<Admission | End> {
    const node = this.#nodes.of(listener)
    if (request.readerTransport) await node.subscribe()
    const names = [randomBytes(12).toString('base64url'), randomBytes(6).toString('base64url')]
    let reply: AdmitReply
    try {
      reply = (await this.#run('admit', node.id, fromRequest(request), ...names)) as AdmitReply
    } catch (error) {
      // Without memory, Redis refuses whatever may need more. Nothing may be forgotten, so there is no room for more.
      if (request.epoch === undefined && String(error).includes('OOM')) return FULL
      throw error
    }
    const evicted = reply.at(-1) as EndedReply | null
    if (evicted) this.#evicted.push(toEndedSession(evicted))
    if (reply[0] === 0) return toEnd(reply[1])
    const [, id, , , , , , , , , superseded] = reply
    for (const sequence of superseded) node.supersede(id, sequence)
    if (request.readerTransport) node.addReader(id, request.sequence)
    return toAdmission(reply)
  }

  async find(id: string, name = ''): Promise<SessionRecord | undefined> {
    const reply = (await this.#run('find', id, name)) as readonly [string, RecordReply] | null
    return reply ? toRecord(...reply) : undefined
  }

  findByKey(key: string): Promise<SessionRecord | undefined> {
    return this.find('', nameOfKey(key))
  }

  async read(id: string, after: number, maxBytes: number): Promise<Backlog | End> {
    const bytes = Math.min(maxBytes, Number.MAX_SAFE_INTEGER)
    return toBacklog((await this.#run('read', id, after, bytes)) as ReadReply)
  }

  async acknowledge(id: string, [number, tag, partial = 0]: Cursor): Promise<End | undefined> {
    return (await this.#run('acknowledge', id, number, tag, partial)) === 1 ? LOST : undefined
  }

  async detach(listener: StoreListener, id: string, sequence: number): Promise<void> {
    const node = this.#nodes.of(listener)
    node.removeReader(id, sequence)
    await this.#run('detach', id, node.id, sequence)
  }

  async probe(id: string): Promise<void> {
    await this.#run('probe', id)
  }

  async touch(ids: Iterable<string>): Promise<void> {
    const { touchInterval: interval } = this.#nodes
    const now = this.#nodes.now()
    const due = this.#touches.select(ids, now, interval)
    for (let i = 0; i < due.length; i += TOUCH_BATCH) {
      const batch = due.slice(i, i + TOUCH_BATCH)
      this.#touches.noteYoung((await this.#run('touch', interval, ...batch)) as string[], now)
    }
  }

  async silence(id: string): Promise<number> {
    const silence = await this.#run('silence', id)
    return silence === null ? Infinity : Number(silence)
  }

  async renewToken(id: string, tokenTtl: number): Promise<void> {
    await this.#run('renewTokenOf', id, tokenTtl === Infinity ? '' : tokenTtl)
  }

  async append(
    targets: readonly Target[] | 'all',
    message: OutgoingMessage,
    cause?: Cause,
    id = '',
  ): Promise<readonly EndedSession[]> {
    const name = randomBytes(6).toString('base64url')
    const args = [JSON.stringify(targets), encodeMessage(message), message.encodedSize, name, id]
    if (cause) args.push(cause.sessionId, cause.number, cause.counter)
    const reply = await this.#run('append', ...args)
    const [crowded, messages, bytes, ended] = reply as [number, number, number, EndedReply[]]
    this.#room.note(targets, crowded === 1, messages, bytes)
    return ended.map(toEndedSession)
  }

  async list(targets: readonly Target[] | 'all'): Promise<readonly SessionRecord[]> {
    const reply = await this.#run('list', JSON.stringify(targets))
    return (reply as readonly (readonly [string, RecordReply])[]).map((each) => toRecord(...each))
  }

  areCrowded(targets: readonly Target[] | 'all'): boolean | Promise<boolean> {
    return this.#room.areCrowded(targets)
  }

  waitForRoom(id: string, bytes: number): Promise<void> | undefined {
    return this.#room.waitForRoom(id, bytes)
  }

  waitUntilAcknowledged(id: string): Promise<void> {
    return this.#room.waitUntilAcknowledged(id)
  }

  async publish(targets: readonly Target[] | 'all', message: OutgoingMessage): Promise<void> {
    await this.#run('publish', JSON.stringify(targets), encodeMessage(message))
  }

  async addPart(id: string, part: PartUp): Promise<PartResult> {
    const { number, first, receivedUpTo, offset, data, size, kind, peer } = part
    const place = [number, first, receivedUpTo, offset, data.length, size, kind]
    const reply = await this.#run('addPart', id, ...place, JSON.stringify(peer), encodePart(data))
    return typeof reply === 'number' ? { length: reply } : (reply as PartResult)
  }

  async readParts(
    id: string,
    number: number,
  ): Promise<PartialMessage | 'completed' | 'gone' | undefined> {
    const reply = await this.#run('readParts', id, number)
    if (reply === null) return undefined
    if (typeof reply === 'string') return reply as 'completed' | 'gone'
    return toPartialMessage(reply as PartsReply)
  }

  async claim(id: string, first: number, last: number, token: string): Promise<ClaimResult> {
    const reply = await this.#run('claim', id, first, last, token)
    if (typeof reply === 'string') return reply as ClaimResult
    const [next, record] = reply as [number, RecordReply]
    return { first: next, session: toRecord(id, record) }
  }

  async renewClaim(id: string, token: string): Promise<void> {
    await this.#run('renewClaim', id, token)
  }

  async complete(id: string, number: number, token: string, data?: string): Promise<boolean> {
    const saved = data === undefined ? [] : [data]
    return (await this.#run('complete', id, number, token, ...saved)) === 1
  }

  async saveData(id: string, data: string): Promise<void> {
    await this.#run('saveData', id, data)
  }

  async join(id: string, room: string): Promise<void> {
    await this.#run('join', id, room)
  }

  async leave(id: string, room: string): Promise<void> {
    await this.#run('leave', id, room)
  }

  async markLeft(id: string, { generation, holder }: Page, isForGood: boolean): Promise<void> {
    await this.#run('markLeft', id, generation, holder, isForGood ? 1 : 0)
  }

  async endAfter(id: string, { generation, holder }: Page, ms: number, end: End): Promise<void> {
    await this.#run('endAfter', id, generation, holder, ms, JSON.stringify(end))
  }

  async end(id: string, end: End): Promise<EndedSession | undefined> {
    const reply = await this.#run('endOne', id, JSON.stringify(end))
    return reply === null ? undefined : toEndedSession(reply as EndedReply)
  }

  async endTargets(targets: readonly Target[], end: End): Promise<readonly EndedSession[]> {
    const reply = await this.#run('endTargets', JSON.stringify(targets), JSON.stringify(end))
    return (reply as readonly EndedReply[]).map(toEndedSession)
  }

  async expire(): Promise<readonly EndedSession[]> {
    const evicted = this.#evicted
    this.#evicted = []
    const reply = (await this.#run('expire')) as readonly EndedReply[]
    return [...evicted, ...reply.map(toEndedSession)]
  }

  async saveTicket(ticket: string, request: AttachRequest, ms: number): Promise<void> {
    await this.#run('saveTicket', ticket, JSON.stringify(request), ms)
  }

  async redeemTicket(ticket: string): Promise<AttachRequest | undefined> {
    const reply = (await this.#run('redeemTicket', ticket)) as string | null
    return reply === null ? undefined : (JSON.parse(reply) as AttachRequest)
  }

  #run(name: ScriptName, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.#nodes.scripts.run(name, ...args)
  }
}
