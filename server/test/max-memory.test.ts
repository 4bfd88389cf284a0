/** Memory of all clients together has a bound, under which those who are there are served (option `maxMemory`). */
import { expect, test } from 'vitest'
import { batch, type Client } from './client.ts'
import { Door, List } from './list.ts'
import { startSite } from './site.ts'

const LIMITS = { maxMemory: 300_000, maxBufferedBytes: 8_000_000 }
const filler = 'x'.repeat(400_000)

test('while memory is short, newcomers are told when to come back, and others are served', async () => {
  let authenticated = 0
  const { hub, client } = await startSite({
    ...LIMITS,
    authenticate: () => String(++authenticated),
  })
  hub.onMessage((data, session) => void session.send(data))
  const alice = client()
  const socket = await alice.socket()
  void hub.broadcast(filler)
  await socket.messages(1)

  const { status, packet } = await client().exchange()
  expect(status).toBe(503)
  expect(packet.end?.[0]).toBe('too-many-sessions')
  expect(packet.retryAfter).toEqual([1_000, 10_000])
  const refused = await client().socket()
  expect((await refused.end())[0]).toBe('too-many-sessions')
  expect(authenticated).toBe(1)

  socket.send({ batch: batch(1, 'still served') })
  expect(await socket.messages(2)).toEqual([filler, 'still served'])
  socket.send({ ack: [2, ''] })
  socket.send({ batch: batch(2, 'acknowledged') })
  await socket.messages(3)
  expect((await client().exchange()).status).toBe(200)
})

test('while memory is short, a large body waits, and goes on when there is room', async () => {
  const { hub, client } = await startSite(LIMITS)
  const alice = client()
  const reader = client()
  await Promise.all([alice.exchange(), reader.exchange()])
  hub.onMessage((data, session) => void session.send(String(data).length))
  void hub.broadcast(filler)
  let isAnswered = false
  const answer = alice.send(1, 'y'.repeat(50_000)).finally(() => (isAnswered = true))
  // An exchange that is small is served meanwhile.
  expect((await reader.exchange({ answer: 'none' })).status).toBe(200)
  expect(isAnswered).toBe(false)
  for (const each of [alice, reader]) await each.exchange({ ack: [1, ''] })
  expect((await answer).status).toBe(200)
})

test('while memory is short, less of one client waits for handlers', async () => {
  const { hub, client } = await startSite({ ...LIMITS, window: 200_000 })
  const door = new Door()
  hub.onMessage(() => door.opened)
  const alice = client()
  const socket = await alice.socket()
  void hub.broadcast(filler)
  await socket.messages(1)
  // An eighth of the window is 25,000 bytes; one read of the socket may bring two packets.
  for (let number = 1; number <= 10; number++) {
    socket.send({ batch: batch(number, 'x'.repeat(40_000)) })
  }
  await socket.packets.find(({ ack }) => ack !== undefined && ack[0] > 0)
  const { packet } = await alice.exchange()
  expect(packet.ack![0]).toBeLessThan(5)
  door.open()
})

const byExchange = (client: Client): Promise<unknown> =>
  client.exchange({ unknown: 'x'.repeat(15_000) })
const bySocket = (client: Client): Promise<unknown> =>
  client.socket({ unknown: 'x'.repeat(15_000) })

test.each([
  ['exchanges', byExchange],
  ['WebSockets', bySocket],
])(
  'first packets of %s that wait for authenticate count, and newcomers are told when to come back',
  async (_, come) => {
    const door = new Door()
    const waiting = new List<string>()
    const { client } = await startSite({
      maxMemory: 100_000,
      authenticate: async () => {
        waiting.push('here')
        await door.opened
        return ''
      },
    })
    const served = Array.from({ length: 6 }, () => come(client()))
    await waiting.count(6)
    const { status, packet } = await client().exchange({ unknown: 'x'.repeat(15_000) })
    expect([status, packet.end?.[0], packet.retryAfter]).toEqual([
      503,
      'too-many-sessions',
      [1_000, 10_000],
    ])
    expect(waiting.items).toHaveLength(6)
    door.open()
    await Promise.all(served)
    expect((await client().exchange()).status).toBe(200)
  },
)
