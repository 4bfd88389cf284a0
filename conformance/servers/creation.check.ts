/** Creation of sessions: by whom, when, and with what hello. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket } from './carriers.ts'
import { Client, batch, newSession, randomKey } from './client.ts'
import { expectAck, expectNoEntry, expectRefused } from './expect.ts'

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
    expect(second.packet.hello).toEqual(first.packet.hello)
    const { packet } = await new Client().exchange()
    expect(packet.hello!.id).not.toBe(first.packet.hello!.id)
    expect(packet.hello!.epoch).not.toBe(first.packet.hello!.epoch)
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
    const { packet } = await client.exchange({ hello: 1 })
    expect(packet.hello!.id).toBe(id)
  },
  { with: 'WebSocket' },
)

prove('6.1', 'Any number of such requests at the same time create one session.', async () => {
  const client = new Client()
  const sockets = Array.from({ length: 3 }, () => client.attaching({}, { epoch: undefined }))
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => client.exchange({}, { epoch: undefined })),
  )
  const ids = answers.map(({ packet }) => packet.hello?.id)
  for (const socket of await Promise.all(sockets)) ids.push((await socket.feed.field('hello')).id)
  expect([ids.length, new Set(ids).size]).toEqual([11, 1])
})

const NEVER_WITH_EPOCH =
  'An attach or exchange with an epoch never creates: if there is no session with this key and epoch, the end is ' +
  '`gone` with the reason `unknown`.'

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const client = new Client()
    // Had the first created a session, the second would not be refused for its position alone.
    for (const fields of [{}, { answer: 'now' }, { answer: 'wait' }, { stream: 'sse' }]) {
      const refused = await client.exchange(
        { ...fields, batch: batch(1, 'x') },
        { epoch: 'nobody' },
      )
      expectRefused(refused, 'gone')
      expect(refused.packet.end![1]).toBe('unknown')
    }
    const { packet } = await client.exchange()
    expectAck(packet, 0, 0, 0)
  },
  { with: 'POST' },
)

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const socket = await openSocket()
    socket.send({ attach: new Client().attach({ epoch: 'nobody' }) })
    await expectNoEntry(socket, 'gone')
    expect(socket.feed.packets[0]!.end![1]).toBe('unknown')
  },
  { with: 'WebSocket' },
)

prove(
  '6.1',
  NEVER_WITH_EPOCH,
  async () => {
    const [one, other] = [await newSession(), await newSession()]
    for (const epoch of [other.epoch, `${one.epoch}x`, one.epoch!.toUpperCase() + '!']) {
      const fields = { batch: batch(1, 'x'), bye: [0] }
      expectRefused(await one.exchange(fields, { epoch: epoch!.slice(0, 64) }), 'gone')
    }
    expectAck((await one.exchange()).packet, 0, 0, 0)
  },
  { with: 'another epoch' },
)

prove(
  '6.4',
  'A session that is to be created has the position 0 (`lost`), and room (`too-many-sessions`, `too-many-user-sessions`).',
  async () => {
    for (const ack of [
      [5, ''],
      [0, 'a tag'],
      [0, '', 7],
    ]) {
      const client = new Client()
      expectRefused(await client.exchange({ ack, batch: batch(1, 'x') }), 'lost')
      await expectNoEntry(await client.attaching({ ack }), 'lost')
      // The attach made no session.
      expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
      expectAck((await client.exchange()).packet, 0, 0, 0)
    }
  },
)

prove(
  '6.1',
  "The application's handler for new sessions runs once, before the handler of any message.",
  async () => {
    const client = new Client()
    client.token = `user:greeted-${randomKey()}`
    const attaching = Array.from({ length: 4 }, () =>
      client.exchange({ batch: batch(1, 'first') }, { epoch: undefined }),
    )
    await Promise.all(attaching)
    await client.settled(1)
    await client.send(2, 'second')
    expect(await client.readData()).toEqual(['welcome', 'first', 'second'])
    const socket = await new Client().attaching(
      { batch: batch(1, 'first') },
      { token: client.token },
    )
    expect(await socket.feed.untilData('first')).toEqual(['welcome', 'first'])
  },
)

const ABOUT =
  "A session is bound to the user who made it: the application's authentication, which sees the request, the token, and " +
  '`url`, `protocols` and `meta` of the attach, names the user.'

const about = {
  url: '/some/path?with=query#€',
  protocols: ['second', 'conformance', 'x'.repeat(64)],
  meta: { release: '1.2', list: [1, null, { deep: true }], text: '€' },
}
const TOLD = { url: about.url, protocol: 'conformance', meta: about.meta }

prove(
  '6.1',
  ABOUT,
  async () => {
    const client = new Client()
    client.token = 'user:alice'
    await client.exchange({}, about)
    // They count when the session is created.
    await client.exchange({ hello: 1 }, { url: '/later', meta: 'later', protocols: ['later'] })
    await client.send(1, 'about me')
    expect(await client.readData()).toEqual([{ user: 'alice', ...TOLD }])
  },
  { with: 'exchange' },
)

prove(
  '6.1',
  ABOUT,
  async () => {
    const client = new Client()
    const socket = await client.attaching({ batch: batch(1, 'about me') }, about)
    await socket.feed.field('batch')
    expect(socket.feed.messages).toMatchObject([{ data: { user: '', ...TOLD } }])
    const other = new Client()
    await other.send(1, 'about me')
    expect(await other.readData()).toEqual([{ user: '', url: null, protocol: null, meta: null }])
  },
  { with: 'WebSocket, and without them' },
)

prove(
  '4.3',
  '| `hello.protocol` | text, optional | The subprotocol that the server chose from `attach.protocols`. |',
  async () => {
    const protocolFor = async (protocols: unknown) =>
      (await new Client().exchange({}, { protocols })).packet.hello!.protocol
    expect(await protocolFor(['first', 'conformance'])).toBe('conformance')
    expect(await protocolFor(undefined)).toBeUndefined()
    expect(await protocolFor([])).toBeUndefined()
    expect(await protocolFor(['others', 'alone'])).toBeUndefined()
    const socket = await new Client().socket({}, { protocols: ['conformance'] })
    expect((await socket.feed.field('hello')).protocol).toBe('conformance')
  },
)

for (const version of [0, 2, 1.5, '1', null, undefined, [1], true]) {
  prove(
    '2',
    'A server MUST refuse an attach whose `version` is not the number of a version that it speaks with ' +
      '`unsupported-version`.',
    async () => {
      const client = new Client()
      expectRefused(await client.exchange({}, { version }), 'unsupported-version')
      const socket = await openSocket()
      socket.send({ attach: new Client().attach({ version }) })
      await expectNoEntry(socket, 'unsupported-version')
      expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
    },
    { with: String(JSON.stringify(version)) },
  )
}

prove(
  '2',
  'The packet with that end carries `version`: the highest version that the server speaks.',
  async () => {
    expect((await new Client().exchange({}, { version: 99 })).packet.version).toBe(1)
    const socket = await new Client().attaching({}, { version: 0 })
    expect(await socket.feed.field('version')).toBe(1)
  },
)

prove('2', 'It looks at the version before any other field of `attach`.', async () => {
  const attach = { version: 99, key: 7, t: 'new', want: -1, page: 1, meta: null }
  expectRefused(await new Client().exchange({ batch: 7 }, attach), 'unsupported-version')
})

prove('1', 'The public name of a session, made by the server.', async () => {
  const client = new Client()
  const { text } = await client.exchange()
  expect(text).not.toContain(client.key)
})

prove(
  '4.3',
  '| `hello.lifetime` | number | Milliseconds that the session lives without a carrier (6.11). |',
  async () => {
    const { heartbeat, lifetime, maxMessage, maxBatch, window } = (await newSession()).hello!
    expect(Math.min(heartbeat, lifetime, maxMessage, maxBatch, window)).toBeGreaterThan(0)
    // What the suite needs; README.md.
    expect(heartbeat).toBeGreaterThanOrEqual(3_000)
    expect(heartbeat).toBeLessThanOrEqual(5_000)
    expect(lifetime).toBeGreaterThanOrEqual(20_000)
    expect(lifetime).toBeLessThanOrEqual(30_000)
    expect(maxMessage).toBeGreaterThanOrEqual(2 * maxBatch)
    expect(maxMessage).toBeLessThanOrEqual(1_048_576)
  },
)
