/** Who makes a session, when, and what hello says of it. */
import { expect } from 'vitest'
import { Client, newSession, openSocket, randomKey } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'
import { ask } from './wire.ts'

const CREATES =
  'An attach or exchange without an epoch creates the session if the server has none with this key.'

prove(
  '6.1',
  CREATES,
  async () => {
    const client = new Client()
    const first = await client.exchange()
    const second = await client.exchange({}, { epoch: undefined })
    expect(first.status).toBe(200)
    expect(second.packet.hello!.id).toBe(first.packet.hello!.id)
    expect(second.packet.ack![0]).toBe(first.packet.ack![0])
  },
  { with: 'POST' },
)

prove(
  '6.1',
  CREATES,
  async () => {
    const client = new Client()
    const socket = await client.socket()
    const { id } = await socket.feed.field('hello')
    const { packet } = await client.exchange()
    expect(packet.hello!.id).toBe(id)
  },
  { with: 'WebSocket' },
)

prove('6.1', 'Any number of such requests at the same time create one session.', async () => {
  const client = new Client()
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.exchange()))
  expect(new Set(answers.map(({ packet }) => packet.hello?.id)).size).toBe(1)
})

const NEVER_WITH_EPOCH =
  'An attach or exchange with an epoch never creates: if there is no session with this key and epoch, the end is ' +
  '`gone` with the reason `unknown`.'

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const client = new Client()
    const refused = await client.exchange({}, { epoch: 'nobody' })
    expectRefused(refused, 'gone')
    expect(refused.packet.end![1]).toBe('unknown')
    // Had it created a session, its epoch would be known now.
    expectRefused(await client.exchange({}, { epoch: 'nobody' }), 'gone')
  },
  { with: 'POST' },
)

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const socket = await openSocket()
    socket.send({ attach: new Client().attach({ epoch: 'nobody' }) })
    await expectClosed(socket, 'gone')
  },
  { with: 'WebSocket' },
)

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const [one, other] = [await newSession(), await newSession()]
    expectRefused(await one.exchange({}, { epoch: other.epoch }), 'gone')
    expect((await one.exchange()).status).toBe(200)
  },
  { with: 'the epoch of another session' },
)

prove(
  '3.1',
  'A `GET` without an upgrade never creates a session, and neither acknowledges nor sends.',
  async () => {
    const client = new Client()
    const attach = encodeURIComponent(JSON.stringify(client.attach()))
    expectRefused(await ask('GET', `?attach=${attach}`), 'not-found')
    expectRefused(await ask('GET', `/sse?attach=${attach}&ticket=${client.key}`), 'not-found')
    const { packet } = await client.exchange({}, { epoch: 'any' })
    expect(packet.end?.[0]).toBe('gone')
  },
)

prove(
  '6.1',
  'The server keeps the keys of ended sessions for a lifetime or longer, with their ends; a request with such a key ' +
    'gets the end again and creates nothing.',
  async () => {
    const client = await newSession()
    await client.exchange({ bye: [0, 4000, 'enough'] })
    const again = await client.exchange({}, { epoch: undefined })
    expectRefused(again, 'closed')
    expect(again.packet.end!.slice(1)).toEqual(['enough', 'final', 4000])
    const socket = await openSocket()
    socket.send({ attach: client.attach({ epoch: undefined }) })
    await expectClosed(socket, 'closed')
  },
)

prove('6.1', 'Another user with the same key is answered with `forbidden`.', async () => {
  const client = new Client()
  client.token = 'user:alice'
  await client.exchange()
  expectRefused(await client.exchange({}, { token: 'user:mallory' }), 'forbidden')
  expectRefused(await client.exchange({}, { token: undefined, epoch: undefined }), 'forbidden')
  const socket = await openSocket()
  socket.send({ attach: client.attach({ token: 'user:mallory' }) })
  await expectClosed(socket, 'forbidden')
  expect((await client.exchange()).status).toBe(200)
})

prove('6.1', 'Whom the authentication refuses is answered with `unauthorized`.', async () => {
  const client = new Client()
  client.token = 'refuse'
  expectRefused(await client.exchange(), 'unauthorized')
  const socket = await openSocket()
  socket.send({ attach: client.attach() })
  await expectClosed(socket, 'unauthorized')
  // Neither of them made a session: its user would be another one.
  expect((await client.exchange({}, { token: 'user:bob' })).status).toBe(200)
})

for (const version of [0, 2, 1.5, '1', null, undefined]) {
  prove(
    '2',
    'A server MUST refuse an attach whose `version` is not the number of a version that it speaks with ' +
      '`unsupported-version`.',
    async () => {
      expectRefused(await new Client().exchange({}, { version }), 'unsupported-version')
      const socket = await openSocket()
      socket.send({ attach: new Client().attach({ version }) })
      await expectClosed(socket, 'unsupported-version')
    },
    { with: String(JSON.stringify(version)) },
  )
}

prove('2', 'It looks at the version before any other field of `attach`.', async () => {
  expectRefused(
    await new Client().exchange({}, { version: 99, key: 7, t: 'new' }),
    'unsupported-version',
  )
})

prove('2', 'A receiver MUST ignore fields that it does not know.', async () => {
  const client = new Client()
  const answer = await client.exchange(
    { later: { key: 1 }, answer: 'now', batch: [1, [['x']]] },
    { later: [] },
  )
  expect(answer.status).toBe(200)
  expect(answer.packet.ack!.slice(1)).toEqual([1, 1, 1])
})

prove(
  '3.2',
  'Every answer that is not an end carries `hello` and `ack`, but for the answer to a goodbye, which is `{}`.',
  async () => {
    const client = new Client()
    const { packet } = await client.exchange()
    const { version, id, heartbeat, lifetime, maxMessage, window } = packet.hello!
    expect(version).toBe(1)
    expect(id).toMatch(/./)
    for (const number of [heartbeat, lifetime, maxMessage, window]) {
      expect(Number.isSafeInteger(number) && number > 0).toBe(true)
    }
    expect(packet.ack).toEqual([expect.stringMatching(/^.{1,64}$/), 0, 0, 0])
    expect((await client.exchange({ answer: 'now' })).packet.hello).toEqual(packet.hello)
    expect((await client.exchange({ bye: [0] })).packet).toEqual({})
  },
)

prove('1', 'The public name of a session, made by the server.', async () => {
  const client = new Client()
  const { packet } = await client.exchange()
  expect(packet.hello!.id).not.toContain(client.key)
  expect(JSON.stringify(packet)).not.toContain(client.key)
})

prove('6.4', 'Take the position (6.3); if it is `lost`, no session is created.', async () => {
  const client = new Client()
  client.key = randomKey()
  expectRefused(await client.exchange({ ack: [5, ''] }), 'lost')
  expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
  expect((await client.send(1, 'hi')).packet.ack!.slice(1)).toEqual([1, 1, 1])
})
