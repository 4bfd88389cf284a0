/** Messages that a client addresses to users. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client } from './client.ts'
import { expectAck } from './expect.ts'
import type { Entry } from './wire.ts'

/** A session of a user with a name of its own. */
async function userSession(
  prefix: string,
): Promise<{ readonly client: Client; readonly user: string; readonly id: string }> {
  const client = new Client()
  const user = `${prefix}-${randomBytes(6).toString('hex')}`
  client.token = `user:${user}`
  const { packet } = await client.exchange()
  return { client, user, id: packet.hello!.id }
}

prove(
  '6.8',
  "If so, the message goes into the log down of every session of these users, with the id of the sender's session as " +
    '`peer`.',
  async () => {
    const [from, friend, other] = [
      await userSession('sender'),
      await userSession('friend'),
      await userSession('friend'),
    ]
    const second = new Client()
    second.token = friend.client.token
    const socket = await second.socket()
    const to = [friend.user]
    const sent: Entry[] = [
      ['psst', to],
      ['AQID', to, 1],
      [{ n: 1 }, to],
      ['end', to],
    ]
    await from.client.sendEntries(1, ...sent)
    const wanted = ['psst', Buffer.from([1, 2, 3]), { n: 1 }, 'end'].map((data, index) => {
      const kind = Buffer.isBuffer(data) ? 1 : 0
      return { number: index + 1, data, peer: from.id, kind }
    })
    expect(await friend.client.read()).toEqual(wanted)
    await socket.feed.untilData('end')
    expect(socket.feed.messages).toEqual(wanted)
    // Nobody else hears of it, the sender least of all.
    expectAck((await other.client.exchange()).packet, 0, 0, 0)
    expectAck((await from.client.exchange()).packet, 4, 4, 0)
  },
)

prove('6.8', 'A volatile message goes to them as 6.7 says, and is in no log.', async () => {
  const [from, friend, away] = [
    await userSession('sender'),
    await userSession('friend'),
    await userSession('friend'),
  ]
  const socket = await friend.client.socket()
  await from.client.exchange({
    volatile: [
      ['here', [friend.user]],
      ['nobody there', [away.user]],
    ],
    batch: [1, [['end', [friend.user]]]],
  })
  expectAck((await from.client.settled(1)).packet, 1, 1, 0)
  await socket.feed.field('volatile')
  expect(socket.feed.volatile).toEqual([{ data: 'here', peer: from.id, kind: 0 }])
  expectAck((await away.client.exchange()).packet, 0, 0, 0)
})

const REFUSED =
  "If not, it comes back in the sender's own log down, with its recipients as `peer` and kind 2. Nothing is dropped in " +
  'silence.'

prove('6.8', REFUSED, async () => {
  const stranger = await userSession('stranger')
  const friend = await userSession('friend')
  const { client } = await userSession('sender')
  const to = [stranger.user, 'nobody']
  const mixed = [friend.user, stranger.user]
  await client.sendEntries(1, [{ psst: 1 }, to], ['AQID', to, 1], ['for both', mixed])
  const wanted = [
    { number: 1, data: { psst: 1 }, peer: to, kind: 2 },
    { number: 2, data: Buffer.from([1, 2, 3]), peer: to, kind: 3 },
    { number: 3, data: 'for both', peer: mixed, kind: 2 },
  ]
  expect(await client.read()).toEqual(wanted)
  const socket = await client.socket()
  await socket.feed.untilData('for both')
  expect(socket.feed.messages).toEqual(wanted)
  for (const other of [stranger, friend]) {
    expectAck((await other.client.exchange()).packet, 0, 0, 0)
  }
})

prove(
  '6.8',
  REFUSED,
  async () => {
    const { client } = await userSession('sender')
    const socket = await client.socket()
    socket.send({ volatile: [['x', ['foe']]] })
    await socket.feed.untilData('x')
    expect(socket.feed.messages).toEqual([{ number: 1, data: 'x', peer: ['foe'], kind: 2 }])
  },
  { with: 'volatile' },
)

prove('6.8', 'Either way it is accepted like any other message.', async () => {
  const { client } = await userSession('sender')
  await client.sendEntries(1, ['a', ['friend']], ['b', ['foe']])
  expectAck((await client.exchange()).packet, 2, 2, 1)
})

prove('6.8', 'The application decides whether it may.', async () => {
  // Words that make the application do something do so only where they are for the application.
  const { client } = await userSession('sender')
  await client.sendEntries(1, ['close me', ['friend']], ['fail', ['foe']], ['after'])
  expect(await client.readData()).toEqual(['fail', 'after'])
})
