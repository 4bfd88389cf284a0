/** The node of docs/scaling.md, as it stands there: a process of its own, from the package as it is built. */
import { once } from 'node:events'
import { expect, inject, test } from 'vitest'
import { readSnippet, writeModule } from '../../../test/support/snippet.ts'
import { Client } from '../client.ts'
import { startProgram } from './program.ts'

const REDIS_URL = `redis://127.0.0.1:${inject('redis')!.port}`

async function startNode(file: string) {
  const program = await startProgram([file], { HOST: '127.0.0.1', PORT: '0', REDIS_URL })
  return { ...program, url: `http://127.0.0.1:${program.line.replace('port ', '')}` }
}

test('a node is told to stop, ends by itself, and its sessions go on at the other one', async () => {
  const file = writeModule('node', readSnippet('scaling.md', 'node'))
  const [first, second] = await Promise.all([startNode(file), startNode(file)])
  const status = async (path: string) => (await fetch(first.url + path)).status
  expect([await status('/healthz'), await status('/other')]).toEqual([200, 404])

  const alice = new Client(`${first.url}/rungs`)
  const socket = await alice.socket()
  socket.send({ batch: [1, [['a']]] })
  expect(await socket.messages(1)).toEqual(['a'])
  const exited = once(first.child, 'exit')
  first.child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  expect(first.errors()).toBe('')

  alice.url = `${second.url}/rungs`
  const next = await alice.socket()
  next.send({ batch: [2, [['b']]] })
  expect(await next.messages(2)).toEqual(['a', 'b'])
})
