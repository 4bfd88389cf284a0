/** How long sessions live, and their keys. All of it takes its time, side by side. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openStream } from './carriers.ts'
import { Client, batch, newSession } from './client.ts'
import { expectClosed, expectNoEntry, expectRefused } from './expect.ts'
import { connect, drain, head } from './wire.ts'

/** Milliseconds: a server may be late by a second, and the machine by some more. */
const LATE = 4_000

/** That the session has expired. */
async function expectExpired(client: Client): Promise<void> {
  for (const epoch of [client.epoch, undefined]) {
    const answer = await client.exchange({}, { epoch })
    expectRefused(answer, 'gone')
    expect(answer.packet.end![1]).toBe('expired')
  }
}

prove(
  '6.10',
  'Then it ends in the same way.',
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    const socket = await client.socket()
    socket.send({ batch: batch(1, 'a'), bye: [5, 4001, 'gone away'] })
    await expectClosed(socket, 'superseded')
    // It is still there, but not for this page; and this does not keep it.
    await delay(3_000)
    expectRefused(await client.exchange(), 'superseded')
    await delay(2_000 + LATE)
    const answer = await client.exchange({}, { page: [1, 'too late'] })
    expectRefused(answer, 'closed')
    expect(answer.packet.end).toEqual(['closed', 'gone away', 'final', 4001])
  },
  { slow: true },
)

prove(
  '6.10',
  'With more, the session lives on for so many seconds, or its lifetime if that is less, unless a page of a higher ' +
    'generation resumes it meanwhile; its readers end with `superseded`.',
  async () => {
    const client = await newSession()
    const { lifetime } = client.hello!
    await client.exchange({ bye: [60] })
    await delay(lifetime / 2)
    expectRefused(await client.exchange(), 'superseded')
    await delay(lifetime / 2 + LATE)
    expectRefused(await client.exchange(), 'closed')
  },
  { with: 'a grace above the lifetime', slow: true },
)

prove(
  '6.5',
  'A higher generation takes over: the readers of the former one end with `superseded`, the mark is 0 again, and a ' +
    'goodbye with grace (6.10) is revoked.',
  async () => {
    const client = new Client()
    client.page = [0, 'former']
    const former = await client.socket({ batch: batch(1, 'a') })
    former.send({ bye: [2] })
    await expectClosed(former, 'superseded')
    client.page = [1, 'later']
    await client.exchange({}, { t: 1 })
    await client.exchange({}, { t: 2 })
    // That nothing happens has no sign: the seconds of the goodbye pass, and what a server may be late.
    await delay(2_000 + LATE)
    expect((await client.exchange({}, { t: 3 })).status).toBe(200)
  },
  { with: 'goodbye', slow: true },
)

const ONCE =
  'A session that its client has contacted only once ends after 10 seconds without a reader.'

for (const [what, begin] of [
  ['an exchange', (client: Client) => client.exchange()],
  ['a WebSocket', async (client: Client) => (await client.socket()).cut()],
  [
    'a WebSocket without an acknowledgement',
    async (client: Client) => {
      const socket = await client.socket({ batch: batch(1, 'x') })
      socket.send({ batch: batch(2, 'y') })
      await socket.feed.untilData('y')
      await socket.cut()
    },
  ],
  [
    'an exchange of two packets',
    (client: Client) => client.lines([{ attach: client.attach() }, { ack: [0, ''] }]),
  ],
] as const) {
  prove(
    '6.11',
    ONCE,
    async () => {
      const client = new Client()
      await begin(client)
      await delay(10_000 + LATE)
      await expectExpired(client)
    },
    { with: what, slow: true },
  )
}

const CONTACT =
  '| contact | An attach or exchange that passed all checks of 6.4, a stream that was opened, or an acknowledgement on a ' +
  'WebSocket. |'

for (const [what, contact] of [
  ['an exchange', (client: Client) => client.exchange()],
  ['an attach', async (client: Client) => (await client.socket()).cut()],
] as const) {
  prove(
    '1',
    CONTACT,
    async () => {
      const client = await newSession()
      await contact(client)
      await delay(10_000 + LATE)
      expect((await client.exchange()).status).toBe(200)
    },
    { with: what, slow: true },
  )
}

prove(
  '1',
  CONTACT,
  async () => {
    const client = new Client()
    const ticket = await client.ticket('sse')
    const stream = await openStream('sse', ticket)
    await stream.feed.field('ready')
    stream.cut()
    await delay(10_000 + LATE)
    expect(
      (await client.exchange({}, { epoch: stream.feed.packets[0]!.hello!.epoch })).status,
    ).toBe(200)
  },
  { with: 'a stream', slow: true },
)

prove(
  '1',
  CONTACT,
  async () => {
    const client = new Client()
    const socket = await client.socket()
    socket.send({ ack: [0, ''] })
    socket.send({ batch: batch(1, 'mark') })
    await socket.feed.untilData('mark')
    await socket.cut()
    await delay(10_000 + LATE)
    expect(await client.readData()).toEqual(['mark'])
  },
  { with: 'an acknowledgement', slow: true },
)

/** Requests that do not pass the checks, every second for a while. */
async function keepTrying(client: Client, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds
  while (performance.now() < until) {
    const attach = { epoch: client.epoch, hello: 1 }
    await client.exchange({ hello: 1 }, { ...attach, token: 'user:mallory' })
    await client.exchange({ hello: 1 }, { ...attach, token: 'refuse' })
    await client.exchange({ ack: [99, ''] }, attach)
    await client.exchange({}, { ...attach, page: [0, 'a copy'] })
    await delay(1_000)
  }
}

prove(
  '6.4',
  'A request that is refused up to here has done nothing: no session is created, no mark, page or position is taken, no ' +
    'reader ends, no message is handled, and it is no contact.',
  async () => {
    const client = await newSession('user:alice')
    await keepTrying(client, 10_000 + LATE)
    await expectExpired(client)
  },
  { with: 'contacted once', slow: true },
)

prove(
  '6.4',
  'A request that is refused up to here has done nothing: no session is created, no mark, page or position is taken, no ' +
    'reader ends, no message is handled, and it is no contact.',
  async () => {
    const client = await newSession('user:alice')
    await client.exchange()
    await keepTrying(client, client.hello!.lifetime + LATE)
    await expectExpired(client)
  },
  { with: 'lifetime', slow: true },
)

const LIFETIME =
  'A session without a reader ends after its lifetime: `gone`, `expired`. Every contact and every reader begins it anew.'

prove(
  '6.11',
  LIFETIME,
  async () => {
    const client = await newSession()
    const { lifetime } = client.hello!
    await client.exchange()
    await delay(lifetime * 0.7)
    expect((await client.exchange()).status).toBe(200)
    // Without the contact, it would have ended by now.
    await delay(lifetime * 0.5)
    expect((await client.exchange()).status).toBe(200)
    await delay(lifetime + LATE)
    await expectExpired(client)
    await expectNoEntry(await client.attaching(), 'gone')
  },
  { with: 'contacts', slow: true },
)

for (const carrier of ['WebSocket', 'SSE'] as const) {
  prove(
    '6.11',
    LIFETIME,
    async () => {
      const client = await newSession()
      const { heartbeat, lifetime } = client.hello!
      const open = carrier === 'WebSocket' ? await client.socket() : await client.stream('sse')
      // It is heard from on another session's behalf by nobody: only its own reader keeps it.
      const until = performance.now() + lifetime + LATE
      while (performance.now() < until) {
        await delay(heartbeat)
        if ('send' in open) open.send({ probe: 1 })
        else await client.exchange()
      }
      await open.cut()
      await delay(lifetime * 0.75)
      expect((await client.exchange()).status).toBe(200)
    },
    { with: carrier, slow: true },
  )
}

prove(
  '6.11',
  'A session with a request in flight has a reader in this sense.',
  async () => {
    const client = new Client()
    const first = JSON.stringify({ attach: client.attach(), hello: 1 })
    const second = JSON.stringify({ batch: batch(1, 'in the end') })
    const socket = await connect()
    const said = drain(socket)
    const length = String(first.length + 1 + 8 + second.length)
    socket.write(`${head('POST', { 'Content-Length': length, Connection: 'close' })}${first}\n`)
    // The rest of the body takes longer than a session lives that was contacted once; white space is part of JSON.
    for (let count = 0; count < 8; count++) {
      await delay(2_000)
      socket.write(' ')
    }
    socket.write(second)
    expect(await said).toMatch(/^HTTP\/1\.1 200 /)
    await client.settled(1)
    expect(await client.readData()).toEqual(['in the end'])
  },
  { slow: true },
)

prove(
  '6.1',
  'The server keeps the keys of ended sessions for a lifetime or longer, with their ends; a request with such a key ' +
    'gets the end again and creates nothing.',
  async () => {
    const closed = await newSession()
    const failed = await newSession()
    const { lifetime } = closed.hello!
    await closed.exchange({ bye: [0, 4002, 'long ago'] })
    await failed.send(1, 'fail')
    await delay(lifetime - 1_000)
    const first = await closed.exchange({}, { epoch: undefined })
    expect(first.packet.end).toEqual(['closed', 'long ago', 'final', 4002])
    const second = await failed.exchange({}, { epoch: undefined })
    expect(second.packet.end).toEqual(['gone', 'handler-failed', 'reset'])
  },
  { with: 'for a lifetime', slow: true },
)
