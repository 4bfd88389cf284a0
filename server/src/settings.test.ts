import { once } from 'node:events'
import { expect, test } from 'vitest'
import { RungsError } from './errors.ts'
import type { Options } from './options.ts'
import { resolveOptions } from './settings.ts'

const INVALID: { [name: string]: readonly unknown[] } = {
  path: ['', '/', 'rungs', '/rungs/', '/a?b', '/a#b', '/a b', 7, null, ['/rungs']],
  origins: [
    'https://app.example',
    ['app.example'],
    ['https://app.example/'],
    ['capacitor://'],
    ['capacitor://localhost/'],
    ['capacitor:'],
    ['tauri://a b'],
    ["app://'self'; x"],
    ['*'],
    ["'self'; x"],
    [1],
    null,
  ],
  host: [
    7,
    null,
    'https://app.example/',
    'ftp://app.example',
    'https://',
    'app.example/',
    '',
    ['app.example', 7],
  ],
  authenticate: [true, null, 'alice'],
  trustProxy: [1, 'yes', null, '127.0.0.1'],
  relay: [true, null],
  log: [true, null, {}],
  unknown: [1],
  constructor: [() => {}],
}
const NUMBERS = [
  'heartbeat',
  'sessionTtl',
  'maxMessage',
  'window',
  'maxSessions',
  'maxSessionsPerUser',
  'maxBufferedMessages',
  'maxBufferedBytes',
  'maxPending',
  'drainTimeout',
]
for (const name of NUMBERS) INVALID[name] = [0, -1, 1.5, NaN, Infinity, 2 ** 31, '1', null, true]

const cases = Object.entries(INVALID).flatMap(([name, values]) =>
  values.map((value) => [name, value] as const),
)

test.each(cases)('the option %s with the value %o is refused, and named', (name, value) => {
  const options = Object.fromEntries([[name, value]]) as Options
  let caught: unknown
  try {
    resolveOptions(options)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(RungsError)
  expect(caught).toMatchObject({ type: 'invalid-option', message: expect.stringContaining(name) })
})

test('an option that is not given, or undefined, has its default', () => {
  expect(resolveOptions({ path: undefined } as unknown as Options)).toMatchObject({
    path: '/rungs',
    origins: [],
    host: [],
    heartbeat: 20_000,
    sessionTtl: 150_000,
    maxMessage: 1_000_000,
    window: 262_144,
    maxBufferedMessages: 10_000,
    maxBufferedBytes: 8_000_000,
  })
})

test('by default authenticate names nobody in particular, and relay allows nothing', async () => {
  const { authenticate, relay } = resolveOptions({})
  expect(await authenticate({} as never, 'token', {} as never)).toBe('')
  expect(await relay({} as never, ['alice'], 'hi')).toBe(false)
})

test('an option that is given replaces its default', () => {
  const origins = ['https://app.example', 'http://localhost:8080']
  const given = {
    path: '/a/b',
    origins,
    host: ['app.example', '[::1]:80'],
    heartbeat: 1,
    maxSessions: 2 ** 31 - 1,
  }
  expect(resolveOptions(given)).toMatchObject(given)
  expect(resolveOptions({ origins: () => true, host: 'localhost:80' }).host).toBe('localhost:80')
})

test('a logger that throws causes a warning of the process, and no error', async () => {
  const broken = new Error('the disk is full')
  const warned = once(process, 'warning')
  resolveOptions({
    log: () => {
      throw broken
    },
  }).log({ level: 'info', event: 'session-opened' })
  expect(await warned).toEqual([broken])
})

test('the window is at most maxBufferedBytes', () => {
  expect(resolveOptions({ maxBufferedBytes: 1_000 }).window).toBe(1_000)
})
