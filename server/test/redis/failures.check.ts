/** The fate of sessions when a node, a connection or Redis itself fails. */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { Client, batch } from '../client.ts'
import { RecordingListener } from '../listener.ts'
import { startSite } from '../site.ts'
import { LIMITS, message, request } from '../store.ts'
import { connectRedis, type ConnectedStore } from './connect.ts'
import { startProgram } from './program.ts'
import { startRedis } from './server.ts'

const redis = inject('redis')!

interface Node {
  readonly url: string
  /** Kills its process, as if the machine had lost its power. */
  kill(): void
}

async function startNode(prefix: string, mode = ''): Promise<Node> {
  const program = fileURLToPath(new URL('node.mjs', import.meta.url))
  const { child, line } = await startProgram([program, String(redis.port), prefix, mode])
  return { url: `http://127.0.0.1:${line}/rungs`, kill: () => void child.kill('SIGKILL') }
}

/** A store with a server of its own, which tests may harm. */
async function startStore(
  timeout?: number,
): Promise<ConnectedStore & { readonly listener: RecordingListener; readonly pid: number }> {
  const server = await startRedis('redis-server')
  onTestFinished(() => server.stop())
  const access = { ...redis, port: server.port }
  const connected = await connectRedis(access, 'test:', undefined, timeout)
  onTestFinished(connected.close)
  const listener = new RecordingListener()
  await connected.store.connect(listener, LIMITS)
  return { ...connected, listener, pid: server.process.pid! }
}

test('a session goes on at another node when its node is killed in a handler, and repeats nothing that it sent', async () => {
  const prefix = `${randomUUID()}:`
  const [dying, other] = await Promise.all([startNode(prefix, 'hang'), startNode(prefix)])
  const alice = new Client(other.url)
  const socket = await alice.socket()
  alice.url = dying.url
  await alice.exchange({ batch: batch(1, 'a', 'b') })
  expect(await socket.messages(1)).toEqual(['echo a'])
  dying.kill()
  alice.url = other.url
  // As a client does that has not heard that they were accepted.
  await vi.waitFor(
    async () => {
      socket.send({ batch: batch(1, 'a', 'b', 'c') })
      await Promise.race([socket.accepted(3), new Promise((_, reject) => setTimeout(reject, 500))])
    },
    { timeout: 15_000 },
  )
  expect(await socket.messages(3)).toEqual(['echo a', 'echo b', 'echo c'])
})

test('messages arrive although the connections that bring notifications are cut', async () => {
  const { hubs, client } = await startSite({ hubs: 2 })
  const alice = client()
  const socket = await alice.socket()
  const { id } = socket.packets.items[0]!.hello!
  const { command, close } = await connectRedis(redis, '')
  onTestFinished(close)
  const sent: number[] = []
  for (let i = 0; i < 20; i++) {
    if (i % 5 === 0) await command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    sent.push(i)
    await hubs[i % 2]!.to({ session: id }).send(i)
  }
  expect(await socket.messages(20)).toEqual(sent)
})

test('Redis forgets its scripts: they are loaded again', async () => {
  const { store, listener, command } = await startStore()
  await store.admit(listener, request('key'))
  await command('SCRIPT', 'FLUSH')
  expect(await store.admit(listener, request('key', { sequence: 2 }))).toMatchObject({
    created: false,
  })
})

test('nobody waits for a Redis that does not answer for longer than the timeout', async () => {
  const { store, listener, pid } = await startStore(300)
  const admission = await store.admit(listener, request('key'))
  const { id } = (admission as Extract<typeof admission, { session: unknown }>).session
  process.kill(pid, 'SIGSTOP')
  const sent = store.append([{ session: id }], message('late'))
  await expect(sent).rejects.toThrow('no answer within 300 ms')
  process.kill(pid, 'SIGCONT')
  await vi.waitFor(() => store.append([{ session: id }], message('after')))
  expect(await store.read(id, 0, Infinity)).toMatchObject({ head: 2 })
})

test('a Redis without memory takes no newcomers, and forgets nobody', async () => {
  const { store, listener, command } = await startStore()
  await store.admit(listener, request('key'))
  await command('CONFIG', 'SET', 'maxmemory', '1')
  expect(await store.admit(listener, request('newcomer'))).toMatchObject({
    type: 'too-many-sessions',
  })
  await command('CONFIG', 'SET', 'maxmemory', '0')
  expect(await store.admit(listener, request('key', { sequence: 2 }))).toMatchObject({
    created: false,
  })
})

test('every key has a lifetime', async () => {
  const { store, listener, command } = await startStore()
  const opened = async (key: string): Promise<string> => {
    const asked = request(key, { user: 'alice', address: '192.0.2.1' })
    const admission = await store.admit(listener, asked)
    return (admission as Extract<typeof admission, { session: unknown }>).session.id
  }
  const [id, ended] = [await opened('key'), await opened('other')]
  for (let i = 0; i < 3; i++) await store.append('all', message('a'))
  await store.publish('all', message('volatile'))
  await store.join(id, 'lobby')
  await store.saveTicket('ticket', request('key'), 1_000)
  const part = {
    number: 1,
    first: 1,
    receivedUpTo: 0,
    peer: 0,
    kind: 0,
    size: 9,
    offset: 0,
  } as const
  await store.addPart(id, { ...part, data: 'part' })
  await store.end(ended, { type: 'closed', reason: 'test' })
  const keys = (await command('KEYS', '*')) as string[]
  // k, s, l, u, a, v, m, r, p, t of one session, two names of an ended one, and all, young and crowded.
  expect(keys).toHaveLength(15)
  for (const key of keys) expect(await command('PTTL', key), key).toBeGreaterThan(0)
})

test('whoever was disconnected has nothing under way, so that the application may close its clients', async () => {
  const { store, listener, command } = await startStore()
  // A script that Redis has forgotten takes two steps.
  await command('SCRIPT', 'FLUSH')
  let isTouched = false
  const touching = store.touch(['somebody']).then(() => (isTouched = true))
  await store.disconnect(listener)
  expect(isTouched).toBe(true)
  await touching
})
