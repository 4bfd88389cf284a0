/** A session, and readers of it as a hub attaches them. */
import { MAX_BATCH } from 'rungs/protocol'
import { Reader } from '../src/delivery/reader.ts'
import { Readers } from '../src/delivery/readers.ts'
import type { Cursor } from '../src/store/store.ts'
import { FakeSink } from './sink.ts'
import { TestStore, message, request } from './store.ts'

const ROOM = {
  sessionTtl: 60_000,
  heartbeat: 20_000,
  maxSessions: 10,
  maxSessionsPerUser: 10,
  maxSessionsPerAddress: 10,
  maxMemory: 1e8,
  maxBufferedMessages: 1e5,
  maxBufferedBytes: 1e8,
}
const roomy = (): TestStore => new TestStore(ROOM)

interface ReaderSetup {
  readonly sink?: FakeSink
  readonly store?: TestStore
  readonly position?: number
  /** How much of the message after the position the client has. */
  readonly partial?: number
  /** Number of the last message up that the client knows to be accepted. */
  readonly known?: number
  readonly received?: number
  readonly maxBatch?: number
  readonly packetSize?: number
}

/** A session, and a function that attaches readers of it as a hub does. */
export function setupReader({
  sink = new FakeSink(),
  store = roomy(),
  position = 0,
  partial = 0,
  known = 0,
  received = 0,
  maxBatch = MAX_BATCH,
  packetSize = maxBatch,
}: ReaderSetup = {}) {
  const failed: unknown[] = []
  const readers = new Readers({
    store,
    maxBatch,
    receivedUpTo: () => received,
    onFailed: (error) => failed.push(error),
    now: store.clock.now,
  })
  store.connect(readers, { ...ROOM })
  const id = store.openSession('key')
  const send = (data: unknown): void => void store.append([{ session: id }], message(data))
  const attach = (sequence = 1, to = sink, cursor: Cursor = [position, '', partial]): Reader => {
    const found = store.admit(readers, request('key', { sequence, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const start = {
      sessionId: id,
      sequence,
      transport: 'sse' as const,
      position: cursor,
      acceptedUpTo: known,
      partProgress: found.partProgress,
      head: found.head,
      outstanding: found.outstanding,
      hello: '{"id":"me"}',
      heartbeat: ROOM.heartbeat,
      tokenTtl: found.tokenTtl,
      packetSize,
    }
    const reader = new Reader(readers, start, to, store.clock.now())
    readers.add(reader)
    return reader
  }
  return { store, readers, sink, id, send, attach, failed }
}
