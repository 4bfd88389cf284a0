/** Sessions as other code of the application sees them: who is there, and hubs that serve no clients. */
import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RungsError } from '../src/errors.ts'
import { attach, createHub } from '../src/hub.ts'
import { MemoryStore } from '../src/store/memory-store.ts'
import { startSite } from './site.ts'

const options = { authenticate: (_: unknown, token?: string) => token ?? '', hubs: 2 }

describe('the sessions of a target', () => {
  test('are those of all nodes, with what the application knows of them', async () => {
    const { hubs, client } = await startSite(options)
    const ids: string[] = []
    for (const transport of ['socket', 'none'] as const) {
      const page = client()
      page.token = 'alice'
      ids.push((await page.exchange({}, { meta: { transport } })).packet.hello!.id)
      if (transport === 'socket') await page.socket()
    }
    await client().exchange()
    for (const hub of hubs) {
      // oxlint-disable-next-line no-await-in-loop -- Both are asked the same.
      const found = await hub.sessions({ user: 'alice' })
      const shown = found.map(({ id, user, transport, meta }) => ({ id, user, transport, meta }))
      expect(shown).toEqual(
        expect.arrayContaining([
          { id: ids[0], user: 'alice', transport: 'websocket', meta: { transport: 'socket' } },
          { id: ids[1], user: 'alice', transport: null, meta: { transport: 'none' } },
        ]),
      )
      expect(found.length).toBe(2)
    }
  })

  test('can be sent to, put in a room, and ended', async () => {
    const { hubs, client } = await startSite(options)
    const page = client()
    page.token = 'alice'
    await page.exchange()
    const socket = await page.socket()
    const [session] = await hubs[1]!.sessions({ user: 'alice' })
    await session!.send('hi')
    await session!.join('lobby')
    expect((await hubs[0]!.sessions({ room: 'lobby' })).map(({ id }) => id)).toEqual([session!.id])
    await session!.close(4_001, 'enough')
    await socket.closed
    expect(socket.entries.map(([, data]) => data)).toEqual(['hi'])
    expect(await hubs[0]!.sessions({ user: 'alice' })).toEqual([])
  })

  test('need a target', async () => {
    const { hub } = await startSite()
    expect(() => hub.sessions()).toThrow(RungsError)
    expect(await hub.sessions({ user: 'nobody' })).toEqual([])
  })
})

describe('a hub that serves no clients', () => {
  test('sends to those of the nodes, sees them and ends them', async () => {
    const { stores, client } = await startSite(options)
    const page = client()
    page.token = 'alice'
    await page.exchange()
    const socket = await page.socket()
    const worker = createHub({ store: stores[0]! })
    await worker.ready
    await worker.to({ user: 'alice' }).send('from afar', { id: 'job 1' })
    await worker.to({ user: 'alice' }).send('from afar', { id: 'job 1' })
    await worker.broadcast('to all')
    await socket.packets.until(() => socket.entries.length >= 2)
    expect(socket.entries.map(([, data]) => data)).toEqual(['from afar', 'to all'])
    expect((await worker.sessions({ user: 'alice' })).length).toBe(1)
    await worker.disconnect({ user: 'alice' }, 'over')
    await socket.closed
    expect(worker.metrics()).toMatchObject({ sessions: 0, sent: 3, ended: { closed: 1 } })
    await worker.close()
    await expect(worker.broadcast('late')).rejects.toMatchObject({ type: 'closed' })
  })

  test('needs a store', () => {
    for (const wrong of [undefined, {}, { store: undefined }]) {
      expect(() => createHub(wrong as unknown as { store: MemoryStore })).toThrow(
        /createHub\(\) got no store/,
      )
    }
  })
})

test('a hub is ready when its store is, and says why it is not', async () => {
  await attach(createServer()).ready
  const failing = Object.assign(new MemoryStore(), {
    connect: () => Promise.reject(new Error('the store is away')),
  })
  const hub = attach(createServer(), { store: failing, log: () => {} })
  onTestFinished(() => hub.close())
  await expect(hub.ready).rejects.toThrow('the store is away')
  expect(hub.metrics().failed).toEqual({ 'store-failed': 1 })
})

test.each([
  [{ id: '' }, /The id of the message is ''/],
  [{ id: 'x'.repeat(257) }, /use a text of 1 to 256 characters/],
  [{ id: 7 as unknown as string }, /The id of the message is 7/],
  [{ id: 'x', volatile: true }, /A volatile message has no id/],
])('a message with the options %o is refused', async (wrong, text) => {
  const { hub } = await startSite()
  expect(() => hub.broadcast('x', wrong)).toThrow(text)
})
