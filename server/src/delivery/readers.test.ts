import { expect, test } from 'vitest'
import { FakeSink } from '../../test/sink.ts'
import { TestStore, request, message } from '../../test/store.ts'
import { Reader } from './reader.ts'
import { Readers } from './readers.ts'

const HEARTBEAT = 20_000

/** Two turns of the event loop: in the first the store is read, in the second what it brought is written. */
const tick = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => setImmediate(resolve)))

function setup() {
  const store = new TestStore()
  const failed: unknown[] = []
  const readers = new Readers(
    store,
    () => 0,
    (error) => failed.push(error),
    store.clock.now,
  )
  /** A carrier of the client with this key. */
  const attach = (
    key: string,
    t = 1,
    sink = new FakeSink(),
  ): { reader: Reader; sink: FakeSink; id: string } => {
    const found = store.admit(readers, request(key, { sequence: t, readerTransport: 'sse' }))
    if ('type' in found) throw new Error(found.reason)
    const { id, epoch } = found.session
    const state = {
      id,
      epoch,
      t,
      transport: 'sse',
      position: 0,
      accepted: 0,
      head: found.head,
      hello: '{}',
    } as const
    const reader = new Reader(readers, state, sink, store.clock.now())
    readers.add(reader)
    reader.start()
    return { reader, sink, id }
  }
  return { store, readers, failed, attach }
}

test('one flush a turn writes what all carriers have', async () => {
  const { store, attach } = setup()
  const [a, b] = [attach('a'), attach('b')]
  await tick()
  store.append('all', message('one'))
  store.append('all', message('two'))
  expect(a.sink.entries).toEqual([])
  await tick()
  for (const { sink } of [a, b])
    expect(sink.packets.at(-1)).toEqual({ batch: [1, [['one'], ['two']]] })
})

test('a carrier that fails is let go of, and the others are written to', async () => {
  const { store, failed, attach } = setup()
  const bad = attach('bad')
  const good = attach('good')
  await tick()
  bad.sink.write = () => {
    throw new Error('broken')
  }
  store.append('all', message('hi'))
  await tick()
  expect(good.sink.entries).toEqual([[1, 'hi']])
  expect(failed).toEqual([new Error('broken')])
  expect(bad.sink.ends).toEqual(['destroyed'])
  expect(store.find(bad.id)!.transport).toBeNull()
})

test('a carrier that was silent for the interval beats', async () => {
  const { store, readers, attach } = setup()
  const { sink, id } = attach('a')
  await tick()
  const { epoch } = store.find(id)!
  store.clock.pass(HEARTBEAT - 1)
  readers.sweep(HEARTBEAT)
  await tick()
  expect(sink.packets).toHaveLength(2)
  store.clock.pass(1)
  readers.sweep(HEARTBEAT)
  await tick()
  expect(sink.packets.slice(2)).toEqual([{ ack: [epoch, 0, 0, 0] }])
  store.clock.pass(HEARTBEAT - 1)
  store.append('all', message('hi'))
  await tick()
  store.clock.pass(1)
  readers.sweep(HEARTBEAT)
  await tick()
  expect(sink.packets).toHaveLength(4)
})

test('a client that says nothing for two intervals and some is a ghost; any carrier of it is a sign of life', async () => {
  const { store, readers, attach } = setup()
  const [a, b] = [attach('a'), attach('b')]
  store.clock.pass(2 * HEARTBEAT)
  readers.heard(b.id)
  store.clock.pass(5_000)
  readers.sweep(HEARTBEAT)
  expect([a.sink.ends, b.sink.ends]).toEqual([[], []])
  store.clock.pass(1)
  readers.sweep(HEARTBEAT)
  expect([a.sink.ends, b.sink.ends]).toEqual([['destroyed'], []])
  expect([store.find(a.id)!.transport, store.find(b.id)!.transport]).toEqual([null, 'sse'])
  expect([...readers.ids]).toEqual([b.id])
})

test('who is not listened to is no ghost, whatever the time', () => {
  const { store, readers, attach } = setup()
  const { reader, sink, id } = attach('a')
  reader.heardAt = Infinity
  readers.heard(id)
  store.clock.pass(100 * HEARTBEAT)
  readers.sweep(HEARTBEAT)
  expect(sink.ends).toEqual([])
})

test('volatile messages go over the newest carrier only', async () => {
  const { store, attach } = setup()
  const [newer, older] = [attach('a', 5), attach('a', 4)]
  await tick()
  store.publish([{ session: newer.id }], message('v'))
  await tick()
  expect(newer.sink.packets.at(-1)).toEqual({ volatile: [['v']] })
  expect(older.sink.packets).toHaveLength(2)
})

test('both carriers of a session get the log', async () => {
  const { store, attach } = setup()
  const both = [attach('a', 1), attach('a', 2)]
  store.append('all', message('hi'))
  await tick()
  for (const { sink } of both) expect(sink.entries).toEqual([[1, 'hi']])
})

test('a carrier whose place was taken is told, and is not taken away from its successor later', () => {
  const { store, readers, attach } = setup()
  const first = attach('a', 1)
  const second = attach('a', 1)
  expect(first.sink.ends).toMatchObject([{ type: 'superseded' }])
  readers.remove(first.reader)
  readers.onSuperseded(first.id, 7)
  expect(store.find(second.id)!.transport).toBe('sse')
  expect(second.sink.ends).toEqual([])
})

test('a store that fails to let go of a carrier is logged', async () => {
  const { store, readers, failed, attach } = setup()
  const { reader } = attach('a')
  store.detach = () => {
    throw new Error('no store')
  }
  readers.remove(reader)
  await tick()
  expect(failed).toEqual([new Error('no store')])
})

test('all is written when every carrier has what is in its log, or has gone', async () => {
  const { store, readers, attach } = setup()
  await readers.written()
  const [quick, slow, gone] = [attach('a'), attach('b'), attach('c')]
  await tick()
  for (const { sink } of [slow, gone]) sink.full = true
  store.append('all', message('hi'))
  let written = false
  const waiting = readers.written().then(() => (written = true))
  await tick()
  expect([quick.sink.entries, written]).toEqual([[[1, 'hi']], false])
  readers.remove(gone.reader)
  await tick()
  expect(written).toBe(false)
  slow.sink.full = false
  readers.wake(slow.reader)
  await waiting
  expect(slow.sink.entries).toEqual([[1, 'hi']])
})

test('closing ends every carrier, and waits until they have gone', async () => {
  const { readers, attach } = setup()
  const all = [attach('a'), attach('b')]
  let closed = false
  const waiting = readers.close({ type: 'draining', reason: 'test' }).then(() => (closed = true))
  for (const { sink } of all) expect(sink.ends).toEqual([{ type: 'draining', reason: 'test' }])
  readers.remove(all[0]!.reader)
  await tick()
  expect(closed).toBe(false)
  readers.remove(all[1]!.reader)
  await waiting
})

test('who does not go is let go of', async () => {
  const { store, readers, attach } = setup()
  const { sink, id } = attach('a')
  const waiting = readers.close({ type: 'draining', reason: 'test' })
  readers.destroy()
  await waiting
  expect(sink.ends).toEqual([{ type: 'draining', reason: 'test' }, 'destroyed'])
  expect(store.find(id)!.transport).toBeNull()
})
