/** What others get: the tarball, installed in an empty folder. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { fetchText, Queue, startServer } from './fixture.ts'
import { MODES } from './modes.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rungs-faults-'))
  const [packed] = JSON.parse(
    (
      await run('npm', ['pack', '--json', '-w', 'rungs-faults', '--pack-destination', folder], {
        cwd: root,
      })
    ).stdout,
  ) as [{ filename: string }]
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await run('npm', ['install', '--offline', '--no-audit', join(folder, packed.filename)], {
    cwd: folder,
  })
  return () => rm(folder, { recursive: true })
}, 120_000)

test('the package holds what it needs, and no tests', async () => {
  const files = await readdir(join(folder, 'node_modules/rungs-faults'))
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'cli.mjs', 'types.d.ts']))
  expect(files.filter((name) => name.endsWith('.ts'))).toEqual(['types.d.ts'])
})

test('npx rungs-faults --help lists every mode', async () => {
  const { stdout } = await run('npx', ['rungs-faults', '--help'], { cwd: folder })
  for (const name of Object.keys(MODES)) expect(stdout).toContain(`  ${name}\n`)
})

test('npx rungs-faults breaks what passes through it', async () => {
  const server = await startServer()
  const options = ['--upstream', server.origin, '--mode', 'lose-answers=reset']
  // npx hands signals on to its child, so both are one group that is ended as a whole.
  const child = spawn('npx', ['rungs-faults', ...options], { cwd: folder, detached: true })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    process.kill(-child.pid!, 'SIGKILL')
    await gone
  })
  const lines = new Queue<string>()
  createInterface({ input: child.stdout }).on('line', lines.push)
  const [url = ''] = (await lines.next()).split(' ')
  expect(await fetchText(url)).toBe('answer 1')
  await expect(fetchText(url, { body: 'a' })).rejects.toThrow('ECONNRESET')
})

test('the package can be imported, with types that stand alone', async () => {
  await writeFile(
    join(folder, 'use.ts'),
    `import { startFaultProxy, type FaultProxy } from 'rungs-faults'
const proxy: FaultProxy = await startFaultProxy({ upstream: 'http://127.0.0.1:1', faults: { delay: 20 } })
proxy.set({ 'reject-websocket': 502, 'kill-websocket': { age: 5 } })
const all: number = proxy.stats.requests.stream
// @ts-expect-error There is no such mode.
proxy.set({ sing: true })
await proxy.close()
console.log(all)
`,
  )
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', 'use.ts']
  const { stdout } = await run(process.execPath, [compiler, ...options], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
  await expect(run(process.execPath, ['use.js'], { cwd: folder })).rejects.toThrow('No mode "sing"')
})
