/** Users, tokens, and the keys of sessions that have ended. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession, terms } from './client.ts'
import { expectAck, expectNoEntry, expectRefused } from './expect.ts'

const ENDED =
  'The server keeps the keys of ended sessions for a lifetime or longer, with their ends; a request with such a key ' +
  'gets the end again and creates nothing.'

/** Requests of all kinds with the key of a session that has ended: the end is always the same. */
async function expectEndAgain(client: Client, end: readonly unknown[]): Promise<void> {
  for (const epoch of [client.epoch, undefined, 'another']) {
    const answer = await client.exchange({ batch: batch(1, 'x') }, { epoch })
    expectRefused(answer, String(end[0]))
    expect(answer.packet.end).toEqual(end)
    const socket = await client.attaching({ ack: [0, ''] }, { epoch })
    await expectNoEntry(socket, String(end[0]))
    expect(socket.feed.packets[0]!.end).toEqual(end)
  }
}

prove(
  '6.1',
  ENDED,
  async () => {
    const client = await newSession()
    await client.exchange({ bye: [0, 4000, 'enough'] })
    await client.settledEnd()
    await expectEndAgain(client, ['closed', 'enough', 'final', 4000])
  },
  { with: 'by a goodbye' },
)

prove(
  '6.1',
  ENDED,
  async () => {
    const client = await newSession()
    await client.send(1, 'close me')
    await client.settledEnd()
    await expectEndAgain(client, ['closed', 'as you wish', 'final', 4321])
  },
  { with: 'by the application' },
)

prove(
  '6.1',
  ENDED,
  async () => {
    const client = await newSession()
    await client.send(1, 'fail')
    await client.settledEnd()
    await expectEndAgain(client, ['gone', 'handler-failed', 'reset'])
  },
  { with: 'by a handler that failed' },
)

prove(
  '6.1',
  ENDED,
  async () => {
    const client = await newSession('user:alice')
    await client.exchange({ bye: [0, 4000, 'enough'] })
    await client.settledEnd()
    client.token = 'user:mallory'
    await expectEndAgain(client, ['closed', 'enough', 'final', 4000])
    client.token = 'refuse'
    expectRefused(await client.exchange({}, { epoch: undefined }), 'unauthorized')
  },
  { with: 'also for another user' },
)

prove('6.1', 'Another user with the same key is answered with `forbidden`.', async () => {
  const client = await newSession('user:alice')
  const reader = await client.socket()
  const fields = { batch: batch(1, 'x'), volatile: [['x']], bye: [0], hello: 1 }
  const far = { t: client.t + 50, want: client.t + 50 }
  for (const token of ['user:mallory', 'user:', undefined]) {
    expectRefused(await client.exchange(fields, { token, ...far }), 'forbidden')
    expectRefused(await client.exchange(fields, { token, ...far, epoch: undefined }), 'forbidden')
    await expectNoEntry(await client.attaching(fields, { token, ...far }), 'forbidden')
  }
  reader.send({ batch: batch(1, 'mine') })
  expect(await reader.feed.untilData('mine')).toEqual(['mine'])
  await client.settled(1)
  expectAck((await client.exchange()).packet, 1, 1, 1)
})

prove(
  '6.1',
  'Another user with the same key is answered with `forbidden`.',
  async () => {
    const client = await newSession()
    expectRefused(await client.exchange({ hello: 1 }, { token: 'user:mallory' }), 'forbidden')
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'a session of nobody in particular' },
)

prove('6.1', 'Whom the authentication refuses is answered with `unauthorized`.', async () => {
  const client = new Client()
  const fields = { batch: batch(1, 'x'), bye: [0] }
  expectRefused(await client.exchange(fields, { token: 'refuse' }), 'unauthorized')
  await expectNoEntry(await client.attaching(fields, { token: 'refuse' }), 'unauthorized')
  // Neither of them made a session: its user would be another one.
  expect((await client.exchange({}, { token: 'user:bob' })).status).toBe(200)
  for (const epoch of [client.epoch, undefined]) {
    const refused = await client.exchange({ ...fields, hello: 1 }, { token: 'refuse', epoch })
    expectRefused(refused, 'unauthorized')
    await expectNoEntry(await client.attaching(fields, { token: 'refuse', epoch }), 'unauthorized')
  }
  client.token = 'user:bob'
  expectAck((await client.exchange({ hello: 1 })).packet, 0, 0, 0)
})

if ((await terms()).bound) {
  prove(
    '6.1',
    'A server whose hello says `bound` does not authenticate exchanges that have an epoch and do not ask for hello: the ' +
      'key is proof enough, as on a WebSocket.',
    async () => {
      const client = await newSession('user:alice')
      for (const token of [undefined, 'refuse', 'user:mallory']) {
        for (const fields of [{}, { answer: 'now' }, { stream: 'sse' }, { probe: 1 }]) {
          const { status, packet } = await client.exchange(fields, { token })
          expect([status, packet.end]).toEqual([200, undefined])
        }
      }
      // Messages are those of the user all the same.
      client.token = undefined
      await client.send(1, 'about me')
      expect(await client.readData()).toMatchObject([{ user: 'alice' }])
    },
  )

  prove(
    '6.1',
    'Such exchanges need no token.',
    async () => {
      const client = await newSession('user:alice')
      expectRefused(await client.exchange({ hello: 1 }, { token: undefined }), 'forbidden')
      expectRefused(await client.exchange({ hello: 1 }, { token: 'refuse' }), 'unauthorized')
      const unnamed = { token: undefined, epoch: undefined }
      expectRefused(await client.exchange({}, unnamed), 'forbidden')
      await expectNoEntry(await client.attaching({}, { token: undefined }), 'forbidden')
    },
    { with: 'others do' },
  )
} else {
  prove('6.1', 'Without `bound`, every exchange needs one.', async () => {
    const client = await newSession('user:alice')
    for (const fields of [{}, { answer: 'now' }, { hello: 1 }, { stream: 'sse' }]) {
      expectRefused(await client.exchange(fields, { token: undefined }), 'forbidden')
      expectRefused(await client.exchange(fields, { token: 'refuse' }), 'unauthorized')
      expectRefused(await client.exchange(fields, { token: 'user:mallory' }), 'forbidden')
      expect((await client.exchange(fields)).status).toBe(200)
    }
  })
}
