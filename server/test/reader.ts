/** A session, and readers of it as a hub attaches them. */
import { Reader } from '../src/delivery/reader.ts'
import { Readers } from '../src/delivery/readers.ts'
import { FakeSink } from './sink.ts'
import { TestStore, message, request } from './store.ts'

const ROOM = {
  sessionTtl: 60_000,
  maxSessions: 10,
  maxSessionsPerUser: 10,
  maxBufferedMessages: 1e5,
  maxBufferedBytes: 1e8,
}
const roomy = (): TestStore => new TestStore(ROOM)

interface ReaderSetup {
  readonly sink?: FakeSink
  readonly store?: TestStore
  readonly position?: number
  /** Number of the last message up that the client knows to be accepted. */
  readonly known?: number
  readonly received?: number
}

/** A session, and a function that attaches readers of it as a hub does. */
export function setupReader({
  sink = new FakeSink(),
  store = roomy(),
  position = 0,
  known = 0,
  received = 0,
}: ReaderSetup = {}) {
  const failed: unknown[] = []
  const readers = new Readers({
    store,
    receivedUpTo: () => received,
    onFailed: (error) => failed.push(error),
    now: store.clock.now,
  })
  store.connect(readers, { ...ROOM })
  const id = store.openSession('key')
  const send = (data: unknown): void => void store.append([{ session: id }], message(data))
  const attach = (sequence = 1, to = sink): Reader => {
    const found = store.admit(readers, request('key', { sequence, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const start = {
      sessionId: id,
      epoch: found.session.epoch,
      sequence,
      position,
      acceptedUpTo: known,
      head: found.head,
      hello: '{"id":"me"}',
    }
    const reader = new Reader(readers, start, to, store.clock.now())
    readers.add(reader)
    return reader
  }
  return { store, readers, sink, id, send, attach, failed }
}
