/**
 * What a server must know of a session, twice: as a model that is as simple as the protocol allows, and as the store and
 * the handler queue of the real server. Everything that moves bytes is the same for both, in `server.ts`.
 */
import { Refusal } from '../../server/src/errors.ts'
import { HandlerQueue } from '../../server/src/delivery/handler-queue.ts'
import { MemoryStore } from '../../server/src/store/memory-store.ts'
import { OutgoingMessage } from '../../server/src/store/outgoing-message.ts'
import { Intake, type IncomingBatch } from '../../server/src/delivery/intake.ts'
import type { ReceivedMessage } from '../../server/src/delivery/run-handlers.ts'
import type { Awaitable, End, StoreListener } from '../../server/src/store/store.ts'
import {
  addPart,
  isPart,
  joinParts,
  type EndType,
  type Entry,
  type Message,
  type PartialMessage,
  type Position,
  type Up,
} from '../../src/protocol.ts'

export interface Entered {
  readonly id: string
  readonly epoch: string
}

export interface Backlog {
  readonly first: number
  readonly messages: readonly Message[]
  readonly head: number
  readonly received: number
  readonly accepted: number
  /** How much of the message after the last received one there is. */
  readonly partial: number
}

/** What a core tells of its sessions. */
export interface CoreEvents {
  superseded(id: string, t: number): void
  ended(id: string, type: EndType, reason: string): void
}

export interface Core {
  /** Lets a packet's sender in, as a reader if `stream`; or says why not. */
  enter(packet: Up, stream: boolean): Entered | End
  acknowledge(id: string, position: Position): void
  /** Takes a batch; false if messages before it are missing. */
  push(id: string, first: number, entries: readonly Entry[]): boolean
  read(id: string, after: number): Backlog | undefined
  append(id: string, message: Message): void
  /** Lets the handlers that run now finish; false if none does. */
  work(): boolean
  end(id: string): void
  /** Data of all messages whose handlers were run, in that order. */
  readonly handled: unknown[]
  /** Messages down that are not acknowledged. */
  unacknowledged(id: string): number
}

interface ModelSession extends Entered {
  page: readonly [generation: number, holder: string]
  mark: number
  readonly readers: Set<number>
  log: Message[]
  head: number
  received: number
  accepted: number
  inbox: Entry[]
  partial: PartialMessage | undefined
}

/** Entries with parts as whole messages, as far as they are complete. `gap`: something before a part is missing. */
function joinAll(
  entries: readonly Entry[],
  before: PartialMessage | undefined,
): { whole: Entry[]; partial: PartialMessage | undefined } | 'gap' {
  let partial = before
  const whole: Entry[] = []
  for (const entry of entries) {
    if (!isPart(entry)) {
      partial = undefined
      whole.push(entry)
      continue
    }
    const added = addPart(partial, entry)
    if (added === 'gap') return added
    if (added === 'malformed') throw new Error('a client sent a part that is none')
    partial = added
    if (added.length < added.size) break
    whole.push(joinParts(added)!)
    partial = undefined
  }
  return { whole, partial }
}

/** PROTOCOL.md in as few lines as possible. With a short memory it does not know ended sessions any more. */
export function modelCore(on: CoreEvents, shortMemory = false): Core {
  const sessions = new Map<string, ModelSession>()
  const ended = new Set<string>()
  const handled: unknown[] = []
  let ids = 0
  const byId = (id: string): ModelSession | undefined =>
    [...sessions.values()].find((session) => session.id === id)
  const supersede = (session: ModelSession, given: (t: number) => boolean): void => {
    for (const t of [...session.readers].filter(given)) {
      session.readers.delete(t)
      on.superseded(session.id, t)
    }
  }
  const trim = (session: ModelSession, [number]: Position): void => {
    session.log = session.log.slice(Math.max(0, number - (session.head - session.log.length)))
  }
  return {
    handled,
    enter({ attach, ack = [0, ''] }, stream) {
      const { key, epoch, t, want, page = [0, ''] } = attach!
      let session = sessions.get(key)
      if (ended.has(key) || (!session && epoch) || (session && epoch && epoch !== session.epoch)) {
        return { type: 'gone', reason: 'unknown' }
      }
      if (!session) {
        const id = `s${++ids}`
        const numbers = { mark: 0, head: 0, received: 0, accepted: 0 }
        session = {
          id,
          epoch: `e${ids}`,
          page,
          readers: new Set(),
          log: [],
          inbox: [],
          partial: undefined,
          ...numbers,
        }
        sessions.set(key, session)
      }
      if (page[0] > session.page[0]) {
        supersede(session, () => true)
        Object.assign(session, { page, mark: 0 })
      } else if (page[1] !== session.page[1]) return { type: 'taken', reason: 'another page' }
      if (t < session.mark) return { type: 'superseded', reason: 'given up' }
      if (ack[0] > session.head) return { type: 'lost', reason: 'not of this log' }
      trim(session, [ack[0], ack[1]])
      const mark = (session.mark = Math.max(session.mark, want))
      supersede(session, (other) => other < mark || other === t)
      if (stream) session.readers.add(t)
      return session
    },
    acknowledge(id, position) {
      const session = byId(id)
      if (session) trim(session, position)
    },
    push(id, first, entries) {
      const session = byId(id)
      if (!session) return true
      if (first > session.received + 1) return false
      const joined = joinAll(entries.slice(session.received + 1 - first), session.partial)
      if (joined === 'gap') return false
      session.partial = joined.partial
      session.received += joined.whole.length
      session.inbox.push(...joined.whole)
      return true
    },
    read(id, after) {
      const session = byId(id)
      if (!session) return undefined
      const { head, log, received, accepted } = session
      const base = head - log.length
      const start = Math.max(after, base)
      const partial = session.partial?.length ?? 0
      return {
        first: start + 1,
        messages: log.slice(start - base),
        head,
        received,
        accepted,
        partial,
      }
    },
    append(id, message) {
      const session = byId(id)
      if (!session) return
      session.log.push(message)
      session.head++
    },
    work() {
      const busy = [...sessions.values()].filter(({ inbox }) => inbox.length > 0)
      for (const session of busy) {
        handled.push(session.inbox.shift()![0])
        session.accepted++
      }
      return busy.length > 0
    },
    end(id) {
      for (const [key, session] of sessions) {
        if (session.id !== id) continue
        sessions.delete(key)
        if (!shortMemory) ended.add(key)
        on.ended(id, 'gone', 'expired')
      }
    },
    unacknowledged: (id) => byId(id)?.log.length ?? 0,
  }
}

function toReceived([data, , , offset, size]: Entry): IncomingBatch['entries'][number] {
  return offset === undefined || size === undefined
    ? { data, recipients: undefined }
    : { data: data as string | Uint8Array, recipients: undefined, offset, size }
}

/** The store, the intake and the handler queue of the real server. Handlers are as slow as the test wants them. */
export function realCore(on: CoreEvents, now: () => number): Core {
  const listener: StoreListener = {
    onAppended: () => {},
    onPublished: () => {},
    onAccepted: () => {},
    onProbed: () => {},
    onSuperseded: on.superseded,
    onPartAdded: () => {},
    onTokenRenewed: () => {},
    onEnded: (id, { type, reason }) => on.ended(id, type, reason),
  }
  const store = new MemoryStore(now)
  store.connect(listener, {
    sessionTtl: 1e9,
    heartbeat: 20_000,
    maxSessions: 1e3,
    maxSessionsPerUser: 1e3,
    maxSessionsPerAddress: 1e3,
    maxMemory: 1e9,
    maxBufferedMessages: 1e6,
    maxBufferedBytes: 1e9,
  })
  const handled: unknown[] = []
  let running: (() => void)[] = []
  const handlers = {
    handleOpening: () => undefined,
    handleMessage(_: unknown, message: ReceivedMessage) {
      handled.push(message.data)
      return new Promise<undefined>((resolve) => void running.push(() => resolve(undefined)))
    },
    onFailed(_: string, error: unknown): void {
      throw error
    },
  }
  const queue = new HandlerQueue(store, handlers, { nodeName: 'test', tracksCauses: false })
  const intake = new Intake(store, queue, 1e9)
  const guard = (done: Awaitable<unknown>): void => {
    Promise.resolve(done).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
  }
  const receivedUpTo = (id: string): number => {
    const found = store.read(id, 0, 0)
    return 'type' in found ? 0 : Math.max(found.acceptedUpTo, queue.receivedUpTo(id))
  }
  return {
    handled,
    enter({ attach, ack = [0, ''] }, stream) {
      const { key, epoch, t, want, page: [generation, holder] = [0, ''] } = attach!
      const found = store.admit(listener, {
        identity: { key, user: '' },
        sequence: t,
        lowestWanted: want,
        page: { generation, holder },
        position: [ack[0], ack[1]],
        ...(epoch !== undefined && { epoch }),
        ...(stream && { readerTransport: 'websocket' as const }),
      })
      if ('type' in found) return found
      const { id } = found.session
      if (found.created) guard(queue.pushOpening(id))
      return found.session
    },
    acknowledge: (id, position) => void store.acknowledge(id, position),
    push(id, first, entries) {
      const receipt = intake.take(id, { first, entries: entries.map(toReceived) }, 0)
      if (receipt instanceof Promise) throw new TypeError('the memory store answers at once')
      if (receipt.handled === 'gap') return false
      guard(receipt.handled)
      return true
    },
    read(id, after) {
      const found = store.read(id, after, Infinity)
      if ('type' in found) return undefined
      const { acceptedUpTo: accepted, partProgress } = found
      const received = receivedUpTo(id)
      const partial = partProgress?.number === received + 1 ? partProgress.length : 0
      return { ...found, accepted, received, partial }
    },
    append: (id, message) => void store.append([{ session: id }], new OutgoingMessage(message)),
    work() {
      const finished = running
      running = []
      for (const finish of finished) finish()
      return finished.length > 0
    },
    end: (id) => void store.end(id, { type: 'gone', reason: 'expired' }),
    unacknowledged(id) {
      const found = store.read(id, 0, Infinity)
      return 'type' in found ? 0 : found.messages.length
    },
  }
}
