/** A page that says goodbye while handlers of its messages still run. */
import { expect, test } from 'vitest'
import { batch, openSocket } from './client.ts'
import { Door, List } from './list.ts'
import { startSite } from './site.ts'

const WAYS = ['an exchange', 'a WebSocket'] as const

/** A page with a WebSocket, whose goodbye came some way with a message that is still handled. */
async function leave(way: (typeof WAYS)[number], seconds: number) {
  const { hub, url, client } = await startSite()
  const handling = new Door()
  const mayGoOn = new Door()
  const closed = new List<string>()
  hub.onMessage(async (_, session) => {
    handling.open()
    await mayGoOn.opened
    await session.send('last words')
  })
  hub.onClose((_, { type }) => closed.push(type))
  const alice = client()
  const carrier = await alice.socket()
  const bye = { batch: batch(1, 'slow'), bye: [seconds] }
  const answer = way === 'an exchange' ? alice.exchange(bye) : undefined
  if (!answer) carrier.send(JSON.stringify(bye))
  await handling.opened
  const { status, packet } = await alice.exchange({ answer: 'now', batch: batch(2, 'more') })
  const socket = await openSocket(url)
  socket.send(alice.body())
  const refusals = [[status, packet.end![0]], await socket.closed]
  mayGoOn.open()
  return { refusals, carrier, closed, goodbye: (await answer)?.text ?? '{}' }
}

const REFUSALS = [
  [409, 'superseded'],
  [4_409, 'superseded'],
]

test.each(WAYS)(
  'a page that ends its session by %s gets nothing but its last words',
  async (way) => {
    const { refusals, carrier, closed, goodbye } = await leave(way, 0)
    expect([refusals, goodbye]).toEqual([REFUSALS, '{}'])
    // The reader that was there goes on until the handler is through.
    expect((await carrier.end())[0]).toBe('closed')
    expect(carrier.entries).toEqual([[1, 'last words']])
    expect(await closed.count(1)).toEqual(['closed'])
  },
)

test.each(WAYS)('a page that may be resumed gets nothing after its goodbye by %s', async (way) => {
  const { refusals, carrier, goodbye } = await leave(way, 60)
  expect([refusals, goodbye]).toEqual([REFUSALS, '{}'])
  expect((await carrier.end())[0]).toBe('superseded')
})

test('a page of a later generation takes over, though the one before has said goodbye', async () => {
  const { hub, client } = await startSite()
  const mayGoOn = new Door()
  const handling = new Door()
  hub.onMessage(() => {
    handling.open()
    return mayGoOn.opened
  })
  const alice = client()
  alice.page = [0, 'x']
  await alice.exchange()
  const answer = alice.exchange({ batch: batch(1, 'slow'), bye: [60] })
  await handling.opened
  const later = await alice.exchange({}, { page: [1, 'y'], t: 1, want: 1 })
  expect(later.status).toBe(200)
  mayGoOn.open()
  await answer
  expect((await alice.exchange({}, { page: [1, 'y'], t: 2, want: 1 })).status).toBe(200)
})
