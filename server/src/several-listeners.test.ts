import { describe, expect, test } from 'vitest'
import { batch } from '../test/client.ts'
import { Door, List } from '../test/list.ts'
import { startSite } from '../test/site.ts'

describe('several listeners', () => {
  test('of onOpen, onMessage and onClose are called in the order of adding', async () => {
    const { hub, client } = await startSite()
    const happened = new List<string>()
    for (const name of ['first', 'second']) {
      hub.onOpen(() => happened.push(`${name} opens`))
      hub.onMessage((data) => happened.push(`${name} handles ${data}`))
      hub.onClose(() => happened.push(`${name} closes`))
    }
    const alice = client()
    await alice.send(1, 'a')
    await alice.exchange({ bye: [0] })
    expect(await happened.count(6)).toEqual([
      'first opens',
      'second opens',
      'first handles a',
      'second handles a',
      'first closes',
      'second closes',
    ])
  })

  test('of onMessage have all settled before a message is accepted', async () => {
    const { hub, client } = await startSite()
    const doors = [new Door(), new Door()]
    const begun = new List<number>()
    for (const [index, door] of doors.entries()) {
      hub.onMessage(() => {
        begun.push(index)
        return door.opened
      })
    }
    const alice = client()
    const socket = await alice.socket({ batch: batch(1, 'a') })
    doors[0]!.open()
    await begun.count(2)
    expect((await alice.exchange()).packet.ack!.slice(0, 2)).toEqual([1, 0])
    doors[1]!.open()
    await socket.accepted(1)
  })

  test('of onMessage all run before one that throws ends the session', async () => {
    const { hub, client, logged } = await startSite()
    const seen: unknown[] = []
    hub.onMessage(() => {
      throw new Error('broken')
    })
    hub.onMessage((data) => seen.push(data))
    expect((await client().send(1, 'a', 'b')).packet.end).toEqual([
      'gone',
      'handler-failed',
      'reset',
    ])
    expect(seen).toEqual(['a'])
    expect(logged.items.filter(({ event }) => event === 'handler-failed')).toMatchObject([
      { error: new Error('broken') },
    ])
  })

  test('of onClose are all called, even if one throws', async () => {
    const { hub, client } = await startSite()
    const closed = new List<string>()
    hub.onClose(() => {
      throw new Error('broken')
    })
    hub.onClose((session) => closed.push(session.id))
    const alice = client()
    const { packet } = await alice.exchange()
    await alice.exchange({ bye: [0] })
    expect(await closed.count(1)).toEqual([packet.hello!.id])
  })

  test('of onMessage share the data of the session, which is saved once all have settled', async () => {
    const { hub, client } = await startSite()
    hub.onMessage((data, session) => {
      session.data.seen = [data]
    })
    hub.onMessage(async (data, session) => {
      await Promise.resolve()
      session.data = { ...session.data, also: data }
    })
    const closed = new List<unknown>()
    hub.onClose((session) => closed.push(session.data))
    const alice = client()
    await alice.send(1, 'a')
    await alice.exchange({ bye: [0] })
    expect(await closed.count(1)).toEqual([{ seen: ['a'], also: 'a' }])
  })

  test('can be removed one by one: the others go on', async () => {
    const { hub, client } = await startSite()
    const seen: string[] = []
    const remove = hub.onMessage((data) => seen.push(`removed ${data}`))
    hub.onMessage((data) => seen.push(`stays ${data}`))
    const alice = client()
    await alice.send(1, 'a')
    remove()
    await alice.send(2, 'b')
    expect(seen).toEqual(['removed a', 'stays a', 'stays b'])
  })
})

test('a message that comes while there is no listener is accepted, and dropped', async () => {
  const { hub, client } = await startSite()
  const remove = hub.onMessage(() => {
    throw new Error('was removed')
  })
  remove()
  const alice = client()
  expect((await alice.send(1, 'dropped')).packet.ack!.slice(0, 2)).toEqual([1, 1])
  const seen: unknown[] = []
  hub.onMessage((data) => seen.push(data))
  expect((await alice.send(2, 'seen')).packet.ack!.slice(0, 2)).toEqual([2, 2])
  expect(seen).toEqual(['seen'])
})
