import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { batch, type Client, type Socket } from '../test/client.ts'
import { startSite } from '../test/site.ts'
import { RungsError } from './errors.ts'
import { attach } from './hub.ts'

describe('sending to targets', () => {
  /** Three clients, two of them one user, and their sockets. */
  async function three() {
    const site = await startSite({ authenticate: (_, token) => token ?? '' })
    const ids: string[] = []
    const sockets: Socket[] = []
    for (const user of ['alice', 'alice', 'bob']) {
      const client = site.client()
      client.token = user
      ids.push((await client.exchange()).packet.hello!.id)
      sockets.push(await client.socket())
    }
    /** Messages that each socket got before a last message, which is sent to all. */
    const got = async (): Promise<unknown[][]> => {
      await site.hub.broadcast('last')
      for (const socket of sockets)
        await socket.packets.until(() => socket.entries.at(-1)?.[1] === 'last')
      return sockets.map(({ entries }) => entries.slice(0, -1).map(([, data]) => data))
    }
    return { ...site, ids, sockets, got }
  }

  test('reaches the sessions of a user, in a room, or with an id', async () => {
    const { hub, ids, got } = await three()
    await hub.to({ user: 'alice' }).send('user')
    await hub.to({ session: ids[2]! }).send('session')
    await hub.to({ room: 'empty' }).send('room')
    expect(await got()).toEqual([['user'], ['user'], ['session']])
  })

  test('reaches each session once, however many targets name it', async () => {
    const { hub, ids, sockets, got } = await three()
    hub.onMessage((data, session) => session.join(String(data)))
    sockets[1]!.send({ batch: batch(1, 'lobby') })
    sockets[2]!.send({ batch: batch(1, 'lobby') })
    for (const socket of sockets.slice(1)) await socket.accepted(1)
    await hub.to({ user: 'alice' }, { room: 'lobby' }, { session: ids[0]! }).send('union')
    expect(await got()).toEqual([['union'], ['union'], ['union']])
  })

  test('does not reach a session that has left the room', async () => {
    const { hub, sockets, got } = await three()
    hub.onMessage(async (data, session) => {
      await session.join('lobby')
      if (data === 'leave') await session.leave('lobby')
    })
    sockets[0]!.send({ batch: batch(1, 'stay') })
    sockets[1]!.send({ batch: batch(1, 'leave') })
    for (const socket of sockets.slice(0, 2)) await socket.accepted(1)
    await hub.to({ room: 'lobby' }).send('room')
    expect(await got()).toEqual([['room'], [], []])
  })

  test('a volatile message keeps nothing and uses no number', async () => {
    const { hub, client, ids, sockets } = await three()
    await hub.to({ user: 'bob' }).send('seen', { volatile: true })
    const { volatile } = await sockets[2]!.packets.find((packet) => packet.volatile !== undefined)
    expect(volatile).toEqual([['seen']])
    const late = client()
    const { hello } = (await late.exchange()).packet
    await hub
      .to({ session: hello!.id }, { session: ids[0]! })
      .send('nobody is there', { volatile: true })
    await hub.broadcast('kept')
    expect((await late.exchange({ answer: 'now' })).packet).toMatchObject({
      batch: [1, [['kept']]],
    })
  })

  test('a volatile message of a client is handled, and uses no number', async () => {
    const { hub, sockets } = await three()
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    sockets[0]!.send({ batch: batch(1, 'a'), volatile: [['v'], [0, 0, 5]] })
    sockets[0]!.send(new Uint8Array([7]))
    sockets[0]!.send({ batch: batch(2, 'b') })
    await sockets[0]!.accepted(2)
    expect(seen).toEqual(['a', 'v', new Uint8Array([7]), 'b'])
  })

  test.each([undefined, null, {}, { session: undefined }])(
    'throws invalid-target for %o, which names nobody',
    async (target) => {
      const hub = attach(createServer())
      expect(() => hub.to(target as never)).toThrow(
        expect.objectContaining({ type: 'invalid-target' }),
      )
      await hub.close()
    },
  )

  test('throws invalid-target for no target at all', async () => {
    const hub = attach(createServer())
    expect(() => hub.to()).toThrow(expect.objectContaining({ type: 'invalid-target' }))
    await hub.close()
  })

  test.each([
    ['a function', () => {}, 'invalid-message'],
    ['undefined', undefined, 'invalid-message'],
    ['a BigInt', 1n, 'invalid-message'],
    ['a text above maxMessage', 'x'.repeat(1_001), 'message-too-large'],
    ['bytes above maxMessage', new Uint8Array(1_001), 'message-too-large'],
  ])('throws for %s, which cannot be sent', async (_, data, type) => {
    const { hub } = await startSite({ maxMessage: 1_000 })
    expect(() => hub.broadcast(data)).toThrow(RungsError)
    expect(() => hub.broadcast(data)).toThrow(expect.objectContaining({ type }))
  })
})

describe('messages that clients address to users', () => {
  test('go back to their sender by default', async () => {
    const { hub, client } = await startSite({ authenticate: (_, token) => token ?? '' })
    const seen: unknown[] = []
    hub.onMessage((data) => seen.push(data))
    const [alice, bob] = [client(), client()]
    bob.token = 'bob'
    const socket = await bob.socket()
    const { packet } = await alice.exchange({
      batch: [
        1,
        [
          ['hi', ['bob', 'carol']],
          ['AQID', ['bob'], 1],
        ],
      ],
      answer: 'now',
    })
    expect(packet.ack).toEqual([2, 2, 2])
    expect(packet.batch).toEqual([
      1,
      [
        ['hi', ['bob', 'carol'], 2],
        ['AQID', ['bob'], 3],
      ],
    ])
    await hub.broadcast('last')
    expect(await socket.messages(1)).toEqual(['last'])
    expect(seen).toEqual([])
  })

  test('reach the sessions of these users alone where relay allows it, from the public id of the sender', async () => {
    const asked: unknown[] = []
    const { hub, client } = await startSite({
      authenticate: (_, token) => token ?? '',
      relay: async (session, to, data) => {
        asked.push([session.user, to, data])
        return !to.includes('carol')
      },
    })
    const user = (token: string): Client => Object.assign(client(), { token })
    const [first, second] = [await user('bob').socket(), await user('bob').socket()]
    const third = await user('carol').socket()
    const { packet } = await user('alice').exchange({
      batch: [
        1,
        [
          ['hi', ['bob']],
          ['no', ['bob', 'carol']],
        ],
      ],
      answer: 'now',
    })
    expect(packet.batch).toEqual([1, [['no', ['bob', 'carol'], 2]]])
    await hub.broadcast('last')
    for (const socket of [first, second]) {
      await socket.messages(2)
      expect(socket.entries).toEqual([
        [1, 'hi', packet.hello!.id],
        [2, 'last'],
      ])
    }
    expect(await third.messages(1)).toEqual(['last'])
    expect(asked).toEqual([
      ['alice', ['bob'], 'hi'],
      ['alice', ['bob', 'carol'], 'no'],
    ])
  })

  test('are not kept if they are volatile, and come back all the same if they are refused', async () => {
    const { client } = await startSite({
      authenticate: (_, token) => token ?? '',
      relay: (_, to) => to.includes('bob'),
    })
    const user = (token: string): Client => Object.assign(client(), { token })
    const [alice, bob, away] = [user('alice'), user('bob'), user('bob')]
    await away.exchange()
    const socket = await bob.socket()
    const { packet } = await alice.exchange({
      volatile: [
        ['here', ['bob']],
        ['nowhere', ['carol']],
      ],
      answer: 'now',
    })
    expect(packet.batch).toEqual([1, [['nowhere', ['carol'], 2]]])
    const { volatile } = await socket.packets.find((each) => each.volatile !== undefined)
    expect(volatile).toEqual([['here', packet.hello!.id]])
    expect(socket.entries).toEqual([])
    expect((await away.exchange({ answer: 'now' })).packet.batch).toBeUndefined()
  })

  test('end the session of the sender where relay fails', async () => {
    const { client } = await startSite({
      relay: () => {
        throw new Error('broken')
      },
    })
    expect((await client().exchange({ batch: [1, [['hi', ['bob']]]] })).packet.end![1]).toBe(
      'handler-failed',
    )
  })
})
