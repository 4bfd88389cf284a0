import { expect, test } from 'vitest'
import { batch } from '../test/client.ts'
import { startSite } from '../test/site.ts'

test('what a hub holds and has done is counted', async () => {
  const { hub, client } = await startSite({
    authenticate: (_, token) => (token === 'bad' ? null : (token ?? '')),
  })
  hub.onMessage((data, session) => session.send(data))
  const [first, second] = [client(), client()]
  const { id } = (await first.exchange()).packet.hello!
  const socket = await first.socket()
  socket.send({ batch: batch(1, 'a', 'b') })
  await socket.accepted(2)
  await second.exchange({ bye: [0] })
  const foe = client()
  foe.token = 'bad'
  await foe.exchange()
  await hub.to({ user: 'nobody' }).send('x')
  expect(hub.metrics()).toMatchObject({
    sessions: 1,
    carriers: { websocket: 1, sse: 0, 'long-poll': 0, 'forever-iframe': 0 },
    opened: 2,
    ended: { closed: 1 },
    received: 2,
    sent: 3,
    refused: { unauthorized: 1 },
    failed: {},
  })
  expect(hub.metrics().logBytes).toBeGreaterThan(0)
  expect(hub.metrics()).not.toHaveProperty('store')
  await hub.disconnect({ session: id })
  await hub.close()
  expect(hub.metrics()).toMatchObject({ sessions: 0, ended: { closed: 2 }, logBytes: 0 })
})

test('carriers that are superseded are counted, and the sessions that a client cannot find any more', async () => {
  const { hub, client } = await startSite()
  const page = client()
  await page.exchange()
  const old = await page.socket()
  page.want = page.t + 1
  await page.socket()
  expect((await old.end())[0]).toBe('superseded')
  await client().exchange({}, { epoch: 'of another server' })
  expect(hub.metrics()).toMatchObject({
    superseded: 1,
    carriers: { websocket: 1 },
    refused: { 'gone: unknown': 1 },
  })
})

test('failures are counted by their names in the log', async () => {
  const { hub, client } = await startSite()
  hub.onMessage(() => {
    throw new Error('the application fails')
  })
  await client().exchange({ batch: batch(1, 'x') })
  expect(hub.metrics()).toMatchObject({
    failed: { 'handler-failed': 1 },
    ended: { 'gone: handler-failed': 1 },
  })
})
