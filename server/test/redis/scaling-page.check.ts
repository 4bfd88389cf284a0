/** The node of docs/scaling.md, as it stands there: a process of its own, from the package as it is built. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test } from 'vitest'
import { Client } from '../client.ts'

const fileOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** The snippet as a file, where its packages are found. */
function writeSnippet(): string {
  const page = readFileSync(fileOf('docs/scaling.md'), 'utf8')
  const [, snippet = ''] = /<!-- tested as node -->\s+```js\n([^]*?)```/.exec(page) ?? []
  const folder = fileOf('node_modules/.cache/rungs-snippets')
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/node-${process.pid}.mjs`
  writeFileSync(file, snippet)
  onTestFinished(() => rmSync(file))
  return file
}

async function startNode(file: string) {
  const REDIS_URL = `redis://127.0.0.1:${inject('redis')!.port}`
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', REDIS_URL },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr!.on('data', (text) => (errors += String(text)))
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  const url = `http://127.0.0.1:${String(line).replace('port ', '').trim()}`
  return { url, child, errors: () => errors }
}

test('a node is told to stop, ends by itself, and its sessions go on at the other one', async () => {
  const file = writeSnippet()
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
