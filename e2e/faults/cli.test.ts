import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { command, help, parseMode } from './commands.mjs'
import { fetchText, openWebSocket, Queue, setUp, startServer } from './fixture.ts'
import { MODES } from './modes.mjs'

test('modes as words', () => {
  expect(parseMode('strip-websocket')).toEqual(['strip-websocket', true])
  expect(parseMode('strip-websocket=off')).toEqual(['strip-websocket', false])
  expect(parseMode('reject-websocket=502')).toEqual(['reject-websocket', 502])
  expect(parseMode('only=/rungs')).toEqual(['only', '/rungs'])
  expect(parseMode('lose-answers=then:reset,times:1')).toEqual([
    'lose-answers',
    { then: 'reset', times: 1 },
  ])
  expect(parseMode('delay=up:20,handshake:false')).toEqual(['delay', { up: 20, handshake: false }])
})

test('help lists every mode', () => {
  for (const name of Object.keys(MODES)) expect(help()).toContain(`  ${name}\n`)
})

test('commands act on the proxy', async () => {
  const { proxy } = await setUp()
  expect(command(proxy, 'set lose-answers=reset delay=1')).toBe('')
  await expect(fetchText(proxy.url, { body: 'a' })).rejects.toThrow('ECONNRESET')
  expect(command(proxy, ' clear ')).toBe('')
  expect(await fetchText(proxy.url, { body: 'a' })).toBe('answer 2')
  const { opened, closed } = openWebSocket(proxy)
  await opened
  expect(command(proxy, 'cut stream')).toBe('0 cut')
  expect(command(proxy, 'cut websocket')).toBe('1 cut')
  expect(await closed).toBe(1006)
  command(proxy, 'refuse')
  await expect(fetchText(proxy.url)).rejects.toThrow('ECONNREFUSED')
  command(proxy, 'refuse 10')
  command(proxy, 'silence 10 down existing lost')
  command(proxy, 'clear')
  expect(await fetchText(proxy.url)).toBe('answer 3')
  expect(JSON.parse(command(proxy, 'stats'))).toMatchObject({ requests: { websocket: 1 } })
  expect(command(proxy, '')).toBe('')
})

test('mistakes are explained', async () => {
  const { proxy } = await setUp()
  expect(() => command(proxy, 'sing')).toThrow('No command "sing". There are: set, clear')
  expect(() => command(proxy, 'cut cake')).toThrow('No kind "cake". There are: websocket')
  expect(() => command(proxy, 'silence please')).toThrow('"please" is no number of milliseconds')
  expect(() => command(proxy, 'set delay=soon')).toThrow('"delay.up" must be a number')
})

function run(...args: string[]): {
  out: Queue<string>
  err: Queue<string>
  exit: Promise<unknown>
  say(line: string): void
  stop(): void
} {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('./cli.mjs', import.meta.url)),
    ...args,
  ])
  onTestFinished(() => void child.kill('SIGKILL'))
  const [out, err] = [new Queue<string>(), new Queue<string>()]
  createInterface({ input: child.stdout }).on('line', out.push)
  createInterface({ input: child.stderr }).on('line', err.push)
  const exit = once(child, 'exit').then(([code]) => code as unknown)
  return {
    out,
    err,
    exit,
    say: (line) => void child.stdin.write(`${line}\n`),
    stop: () => void child.kill('SIGINT'),
  }
}

test('the command serves, obeys its standard input, and stops', async () => {
  const server = await startServer()
  const { out, err, exit, say, stop } = run('--upstream', server.origin, '-m', 'lose-answers=reset')
  const [url = ''] = (await out.next()).split(' ')
  await expect(fetchText(url, { body: 'a' })).rejects.toThrow('ECONNRESET')
  expect(await out.next()).toBe('fault {"mode":"lose-answers","kind":"request","path":"/"}')
  say('sing')
  expect(await err.next()).toContain('No command "sing"')
  say('clear')
  expect(await out.next()).toBe('clear {}')
  expect(await fetchText(url, { body: 'a' })).toBe('answer 2')
  stop()
  expect(await exit).toBe(0)
})

test('the command explains what is wrong with its arguments', async () => {
  const missing = run()
  expect([await missing.err.next(), await missing.exit]).toEqual([
    '--upstream is missing; --help lists everything',
    1,
  ])
  const wrong = run('--upstream', 'http://127.0.0.1:1', '--mode', 'sing')
  expect([await wrong.err.next(), await wrong.exit]).toEqual([
    expect.stringContaining('No mode "sing"'),
    1,
  ])
  const port = run('--upstream', 'http://127.0.0.1:1', '--listen', 'here')
  expect([await port.err.next(), await port.exit]).toEqual([
    '--listen must be a port or host:port, not here',
    1,
  ])
})
