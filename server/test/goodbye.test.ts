/** A page that says goodbye while handlers of its messages still run. */
import { expect, test } from 'vitest'
import { batch, openSocket } from './client.ts'
import { Door, List } from './list.ts'
import { startSite } from './site.ts'

test.each([
  ['an exchange', 0],
  ['an exchange', 60],
  ['a WebSocket', 0],
  ['a WebSocket', 60],
])('after the goodbye by %s with %i seconds, the page gets nothing else', async (how, seconds) => {
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
  const answer = how === 'an exchange' ? alice.exchange(bye) : undefined
  if (!answer) carrier.send(JSON.stringify(bye))
  await handling.opened
  const { status, packet } = await alice.exchange({ answer: 'now', batch: batch(2, 'more') })
  expect([status, packet.end![0]]).toEqual([409, 'superseded'])
  const socket = await openSocket(url)
  socket.send(alice.body())
  expect(await socket.closed).toEqual([4_409, 'superseded'])
  mayGoOn.open()
  // The reader that was there goes on until the handler is through.
  expect((await carrier.end())[0]).toBe(seconds === 0 ? 'closed' : 'superseded')
  if (seconds === 0) expect(carrier.entries).toEqual([[1, 'last words']])
  if (answer) expect((await answer).text).toBe('{}')
  if (seconds === 0) expect(await closed.count(1)).toEqual(['closed'])
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
