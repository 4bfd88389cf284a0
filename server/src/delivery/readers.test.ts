import { MAX_BATCH } from 'rungs/protocol'
import { expect, test } from 'vitest'
import { twoTurns } from '../../test/list.ts'
import { FakeSink } from '../../test/sink.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { Reader } from './reader.ts'
import { Readers } from './readers.ts'

const HEARTBEAT = 20_000

function setup() {
  const store = new TestStore()
  const failed: unknown[] = []
  const readers = new Readers({
    store,
    maxBatch: MAX_BATCH,
    receivedUpTo: () => 0,
    onFailed: (error) => failed.push(error),
    now: store.clock.now,
  })
  /** A carrier of the client with this key. */
  const attach = (
    key: string,
    sequence = 1,
    sink = new FakeSink(),
    heartbeat = HEARTBEAT,
  ): { reader: Reader; sink: FakeSink; id: string } => {
    const found = store.admit(readers, request(key, { sequence, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const { id } = found.session
    const { head, outstanding, partProgress, tokenTtl } = found
    const start = {
      sessionId: id,
      sequence,
      transport: 'sse' as const,
      position: [0, ''] as const,
      acceptedUpTo: 0,
      partProgress,
      head,
      outstanding,
      hello: '{}',
      heartbeat,
      tokenTtl,
      packetSize: MAX_BATCH,
    }
    const reader = new Reader(readers, start, sink, store.clock.now())
    readers.add(reader)
    reader.start()
    return { reader, sink, id }
  }
  return { store, readers, failed, attach }
}

test('all readers are flushed once a turn', async () => {
  const { store, attach } = setup()
  const [a, b] = [attach('a'), attach('b')]
  await twoTurns()
  store.append('all', message('one'))
  store.append('all', message('two'))
  expect(a.sink.entries).toEqual([])
  await twoTurns()
  for (const { sink } of [a, b])
    expect(sink.packets.at(-1)).toEqual({ batch: [1, [['one'], ['two']]] })
})

test('a carrier that fails is dropped, and the others are written to', async () => {
  const { store, failed, attach } = setup()
  const bad = attach('bad')
  const good = attach('good')
  await twoTurns()
  bad.sink.write = () => {
    throw new Error('broken')
  }
  store.append('all', message('hi'))
  await twoTurns()
  expect(good.sink.entries).toEqual([[1, 'hi']])
  expect(failed).toEqual([new Error('broken')])
  expect(bad.sink.ends).toEqual(['destroyed'])
  expect(store.find(bad.id)!.transport).toBeNull()
})

test('a carrier that was silent for the heartbeat interval gets a heartbeat', async () => {
  const { store, readers, attach } = setup()
  const { sink } = attach('a')
  await twoTurns()
  store.clock.pass(HEARTBEAT - 1)
  readers.sweep()
  await twoTurns()
  expect(sink.packets).toHaveLength(2)
  store.clock.pass(1)
  readers.sweep()
  await twoTurns()
  expect(sink.packets.slice(2)).toEqual([{ ack: [0, 0, 0] }])
  store.clock.pass(HEARTBEAT - 1)
  store.append('all', message('hi'))
  await twoTurns()
  store.clock.pass(1)
  readers.sweep()
  await twoTurns()
  expect(sink.packets).toHaveLength(4)
})

test('a client that is silent for two intervals and 5 s loses its carriers; activity on any of them counts', async () => {
  const { store, readers, attach } = setup()
  const [a, b] = [attach('a'), attach('b')]
  store.clock.pass(2 * HEARTBEAT)
  readers.noteActivity(b.id)
  store.clock.pass(5_000)
  readers.sweep()
  expect([a.sink.ends, b.sink.ends]).toEqual([[], []])
  store.clock.pass(1)
  readers.sweep()
  expect([a.sink.ends, b.sink.ends]).toEqual([['destroyed'], []])
  expect([store.find(a.id)!.transport, store.find(b.id)!.transport]).toEqual([null, 'sse'])
  expect([...readers.sessionIds]).toEqual([b.id])
})

test('a client that is not read from loses no carrier, however long it is silent', () => {
  const { store, readers, attach } = setup()
  const { reader, sink } = attach('a')
  reader.isClientPaused = true
  store.clock.pass(100 * HEARTBEAT)
  readers.sweep()
  expect(sink.ends).toEqual([])
})

test('volatile messages go over the newest carrier only', async () => {
  const { store, attach } = setup()
  const [newer, older] = [attach('a', 5), attach('a', 4)]
  await twoTurns()
  store.publish([{ session: newer.id }], message('v'))
  await twoTurns()
  expect(newer.sink.packets.at(-1)).toEqual({ volatile: [['v']] })
  expect(older.sink.packets).toHaveLength(2)
})

test('all carriers of a session get the log', async () => {
  const { store, attach } = setup()
  const both = [attach('a', 1), attach('a', 2)]
  store.append('all', message('hi'))
  await twoTurns()
  for (const { sink } of both) expect(sink.entries).toEqual([[1, 'hi']])
})

test('a superseded carrier is told, and its late removal does not touch its successor', () => {
  const { store, readers, attach } = setup()
  const first = attach('a', 1)
  const second = attach('a', 1)
  expect(first.sink.ends).toMatchObject([{ type: 'superseded' }])
  readers.remove(first.reader)
  readers.onSuperseded(first.id, 7)
  expect(store.find(second.id)!.transport).toBe('sse')
  expect(second.sink.ends).toEqual([])
})

test('a store that fails to detach a reader is reported', async () => {
  const { store, readers, failed, attach } = setup()
  const { reader } = attach('a')
  store.detach = () => {
    throw new Error('no store')
  }
  readers.remove(reader)
  await twoTurns()
  expect(failed).toEqual([new Error('no store')])
})

test('waitUntilWritten settles when every carrier has its log, or has gone', async () => {
  const { store, readers, attach } = setup()
  await readers.waitUntilWritten()
  const [quick, slow, gone] = [attach('a'), attach('b'), attach('c')]
  await twoTurns()
  for (const { sink } of [slow, gone]) sink.congested = true
  store.append('all', message('hi'))
  let written = false
  const waiting = readers.waitUntilWritten().then(() => (written = true))
  await twoTurns()
  expect([quick.sink.entries, written]).toEqual([[[1, 'hi']], false])
  readers.remove(gone.reader)
  await twoTurns()
  expect(written).toBe(false)
  slow.sink.congested = false
  readers.scheduleFlush(slow.reader)
  await waiting
  expect(slow.sink.entries).toEqual([[1, 'hi']])
})

test('closeAll ends every carrier, and settles when all have gone', async () => {
  const { readers, attach } = setup()
  const all = [attach('a'), attach('b')]
  let closed = false
  const waiting = readers.closeAll({ type: 'draining', reason: 'test' }).then(() => (closed = true))
  for (const { sink } of all) expect(sink.ends).toEqual([{ type: 'draining', reason: 'test' }])
  readers.remove(all[0]!.reader)
  await twoTurns()
  expect(closed).toBe(false)
  readers.remove(all[1]!.reader)
  await waiting
})

test('destroyAll drops carriers that closeAll waits for', async () => {
  const { store, readers, attach } = setup()
  const { sink, id } = attach('a')
  const waiting = readers.closeAll({ type: 'draining', reason: 'test' })
  readers.destroyAll()
  await waiting
  expect(sink.ends).toEqual([{ type: 'draining', reason: 'test' }, 'destroyed'])
  expect(store.find(id)!.transport).toBeNull()
})
