import { MESSAGE_OVERHEAD, createMessage } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { message, request } from '../store.ts'
import { start } from './start.ts'
import { OutgoingMessage } from '../../src/store/outgoing-message.ts'
import type { Backlog } from '../../src/store/store.ts'

describe('the log down', () => {
  test('messages are numbered from 1, and read after a position', async () => {
    const world = await start()
    const id = await world.openSession('key')
    for (const each of ['a', 'b', 'c']) await world.store.append([{ session: id }], message(each))
    expect(await world.store.read(id, 1, Infinity)).toMatchObject({
      first: 2,
      head: 3,
      acceptedUpTo: 0,
    })
    expect(await world.log(id, 1)).toEqual(['b', 'c'])
    expect(await world.log(id, 3)).toEqual([])
  })

  test('acknowledged messages are dropped; a position below the base is stale, and reads from the base on', async () => {
    const world = await start()
    const id = await world.openSession('key')
    for (const each of ['a', 'b', 'c']) await world.store.append([{ session: id }], message(each))
    const [one, two] = [await world.position(id, 1), await world.position(id, 2)]
    expect(await world.store.acknowledge(id, two)).toBeUndefined()
    expect(await world.store.read(id, 0, Infinity)).toMatchObject({ first: 3, head: 3 })
    expect(await world.log(id, 0)).toEqual(['c'])
    expect(await world.store.acknowledge(id, one)).toBeUndefined()
    expect((await world.admitted(request('key', { sequence: 2, position: one }))).head).toBe(3)
  })

  test('the position of a request acknowledges, too', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.append([{ session: id }], message('a'))
    const position = await world.position(id, 1)
    await world.admitted(request('key', { sequence: 2, position }))
    expect(await world.log(id)).toEqual([])
  })

  test('a position above the head or with a foreign tag is lost, and drops nothing', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.append([{ session: id }], message('a'))
    for (const position of [
      [2, ''],
      [1, 'tag'],
    ] as const) {
      expect((await world.store.acknowledge(id, position))?.type).toBe('lost')
      expect((await world.refused(request('key', { sequence: 2, position }))).type).toBe('lost')
    }
    expect(await world.log(id)).toEqual(['a'])
  })

  test('a read answers as many encoded bytes as asked for, or one message; none for 0 bytes', async () => {
    const world = await start({ maxBufferedBytes: 1_000 })
    const id = await world.openSession('key')
    const control = '\u0001'.repeat(10)
    for (let i = 0; i < 3; i++) await world.store.append([{ session: id }], message(control))
    const one = message(control).entryBytes
    expect(one).toBe(2 + 2 + 10 * 6)
    const read = async (bytes: number): Promise<number> =>
      ((await world.store.read(id, 0, bytes)) as Backlog).messages.length
    const sizes = [0, 1, one, 2 * one - 1, 2 * one, 3 * one]
    expect(await Promise.all(sizes.map(read))).toEqual([0, 1, 1, 1, 2, 3])
  })

  test('a read says how many bytes the messages behind it have, and an admission those of all', async () => {
    const world = await start()
    const id = await world.openSession('key')
    for (const data of ['aaa', 'bb', 'c'])
      await world.store.append([{ session: id }], message(data))
    const outstanding = async (after: number, bytes: number): Promise<number> =>
      ((await world.store.read(id, after, bytes)) as Backlog).outstanding
    expect([await outstanding(0, 0), await outstanding(0, 1), await outstanding(1, 1)]).toEqual([
      6, 3, 1,
    ])
    expect(await outstanding(1, 0)).toBe(3)
    expect(await outstanding(3, 0)).toBe(0)
    const position = await world.position(id, 1)
    expect((await world.admitted(request('key', { sequence: 2, position }))).outstanding).toBe(3)
  })

  test('a message beyond maxBufferedMessages ends the session', async () => {
    const world = await start({ maxBufferedMessages: 2 })
    const id = await world.openSession('key', { readerTransport: 'sse' })
    expect(await world.store.append([{ session: id }], message('a'))).toEqual([])
    expect(await world.store.append([{ session: id }], message('b'))).toEqual([])
    const [ended] = await world.store.append([{ session: id }], message('c'))
    expect(ended).toMatchObject({ session: { id }, end: { type: 'gone', reason: 'overflow' } })
    expect((await world.calls()).at(-1)).toEqual(['ended', id, 'gone', 'overflow'])
    expect(await world.refused(request('key', { sequence: 2 }))).toEqual({
      type: 'gone',
      reason: 'overflow',
    })
  })

  test('a message beyond maxBufferedBytes ends the session; acknowledged ones do not count', async () => {
    const world = await start({ maxBufferedBytes: MESSAGE_OVERHEAD + 10 })
    const id = await world.openSession('key')
    await world.store.append([{ session: id }], message('12345'))
    await world.store.append([{ session: id }], message('12345'))
    await world.store.acknowledge(id, await world.position(id, 1))
    expect(await world.store.append([{ session: id }], message('12345'))).toEqual([])
    expect(await world.store.append([{ session: id }], message('1'))).toHaveLength(1)
  })

  test('empty messages count 64 bytes each in maxBufferedBytes', async () => {
    const world = await start({ maxBufferedMessages: 1e6, maxBufferedBytes: 99 * 64 })
    const id = await world.openSession('key')
    for (let i = 0; i < 100; i++)
      expect(await world.store.append([{ session: id }], message(''))).toEqual([])
    await world.store.acknowledge(id, await world.position(id, 50))
    for (let i = 0; i < 50; i++)
      expect(await world.store.append([{ session: id }], message(''))).toEqual([])
    expect(await world.store.append([{ session: id }], message(''))).toMatchObject([
      { end: { type: 'gone', reason: 'overflow' } },
    ])
  })

  test('a message of maxBufferedBytes fits into an empty log', async () => {
    const world = await start({ maxBufferedBytes: 1_000 })
    const id = await world.openSession('key')
    expect(await world.store.append([{ session: id }], message('x'.repeat(1_000)))).toEqual([])
    expect(await world.store.append([{ session: id }], message(''))).toHaveLength(1)
  })

  test('a session that overflows does not keep others from getting the message', async () => {
    const world = await start({ maxBufferedMessages: 1 })
    const [a, b] = [await world.openSession('a'), await world.openSession('b')]
    await world.store.append([{ session: a }], message('one'))
    expect(
      (await world.store.append('all', message('two'))).map(({ session }) => session.id),
    ).toEqual([a])
    expect(await world.log(b)).toEqual(['two'])
  })

  test('a node is told once of each message and each acceptance, however many readers it has', async () => {
    const world = await start()
    const other = await world.addNode()
    const id = await world.openSession('key', { readerTransport: 'sse' })
    await world.admitted(request('key', { sequence: 2, readerTransport: 'websocket' }))
    await world.admitted(request('key', { sequence: 3, readerTransport: 'long-poll' }), other)
    await world.store.append([{ session: id }], message('a'))
    await world.store.publish([{ session: id }], message('b'))
    await world.store.claim(id, 1, 1, 'me')
    await world.store.complete(id, 1, 'me')
    const appended = ['appended', id, 1, '"a"', await world.tag(id, 1)]
    const accepted = ['accepted', id, 1]
    expect((await world.calls()).slice(1)).toEqual([appended, accepted])
    // Volatile messages go over the newest reader only.
    expect(await world.calls(other)).toEqual([appended, ['volatile', id, '"b"'], accepted])
    expect(await world.log(id)).toEqual(['a'])
  })

  test('bytes are kept as bytes in the log down', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.append(
      [{ session: id }],
      new OutgoingMessage(createMessage(new Uint8Array([1, 2]))!),
    )
    const backlog = await world.store.read(id, 0, Infinity)
    expect('messages' in backlog && backlog.messages[0]!.body).toEqual(new Uint8Array([1, 2]))
  })
})
