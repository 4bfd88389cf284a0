import { expect, onTestFinished, test, vi } from 'vitest'
import { batch } from '../test/client.ts'
import { List } from '../test/list.ts'
import { startSite } from '../test/site.ts'
import { ask } from '../test/wire.ts'
import type { Options } from './options.ts'

/** Rejections that nobody handles end a process. Here they are listed. */
function listUnhandled(): unknown[] {
  const unhandled: unknown[] = []
  const add = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', add)
  onTestFinished(() => void process.off('unhandledRejection', add))
  return unhandled
}

/** Node reports rejections that nobody handles after the microtasks of a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test.each([
  [
    'throws',
    () => {
      throw new Error('disk full')
    },
  ],
  ['rejects', () => Promise.reject(new Error('disk full'))],
  [
    'throws what cannot be made a text',
    () => {
      throw Object.create(null)
    },
  ],
])('a logger that %s is a warning, and sessions go on', async (_, log) => {
  const unhandled = listUnhandled()
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue()
  onTestFinished(() => warned.mockRestore())
  const { client } = await startSite({ log: log as never })
  const socket = await client().socket()
  socket.send({ batch: batch(1, 'a') })
  await socket.accepted(1)
  await turn()
  expect(warned).toHaveBeenCalled()
  expect(unhandled).toEqual([])
})

test.each([
  ['answers a promise', () => Promise.resolve(true)],
  ['rejects', () => Promise.reject(new Error('no answer'))],
  ['answers a text', () => 'yes'],
])('origins that %s allows nobody, and that is logged', async (_, origins) => {
  const unhandled = listUnhandled()
  const { url, client, logged } = await startSite({ origins: origins as never })
  const alice = client()
  const headers = { Origin: 'https://other.example' }
  const { status } = await ask('POST', url, headers, alice.body())
  await turn()
  expect(status).toBe(403)
  expect(logged.items.some(({ event }) => event === 'hook-failed')).toBe(true)
  expect(unhandled).toEqual([])
})

test('relay that answers a text lets nothing pass, and that is logged', async () => {
  const { client, logged } = await startSite({
    authenticate: (_, token) => token ?? '',
    relay: (() => 'no') as unknown as NonNullable<Options['relay']>,
  })
  const bob = client()
  bob.token = 'bob'
  const socket = await client().socket()
  const bobs = await bob.socket()
  socket.send({ batch: [1, [['hi', ['bob']]]] })
  expect(await socket.messages(1)).toEqual(['hi'])
  expect(socket.entries[0]!.slice(2)).toEqual([['bob'], 2])
  expect(bobs.entries).toEqual([])
  expect(logged.items.map(({ event }) => event)).toContain('hook-failed')
})

test('control characters of clients are escaped in what is logged', async () => {
  const { client, logged } = await startSite()
  const alice = client()
  await alice.exchange()
  await alice.exchange({ bye: [0, 1_000, 'bye\n2026 error: \u001b[2J\u202eforged'] })
  const { reason } = await logged.find(({ event }) => event === 'session-ended')
  expect(reason).toBe(String.raw`closed: bye\u000a2026 error: \u001b[2J\u202eforged`)
})

test('what is sent after the hub was closed rejects with closed, is logged, and ends nothing', async () => {
  const unhandled = listUnhandled()
  const { hub, client, logged } = await startSite()
  const sessions = new List<{ send(data: unknown): Promise<void> }>()
  hub.onOpen((session) => void sessions.push(session))
  await client().exchange()
  await hub.close()
  void hub.broadcast('late')
  void hub.to({ room: 'a' }).send('late', { volatile: true })
  void sessions.items[0]!.send('late')
  await turn()
  await expect(hub.broadcast('late')).rejects.toMatchObject({ type: 'closed' })
  expect(unhandled).toEqual([])
  expect(logged.items.filter(({ event }) => event === 'send-failed')).toHaveLength(4)
})
