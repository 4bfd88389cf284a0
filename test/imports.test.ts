import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { imports, sources } from './imports.ts'

/** The client, from the top: a file imports only what stands in a lower row. */
const ROWS = [
  ['index', 'core', 'diagnose'],
  ['client', 'diagnose/probe', 'diagnose/report'],
  ['diagnose/judge'],
  ['diagnose/trial'],
  ['page-lifecycle', 'resume', 'ladder', 'reconnect'],
  ['alarm', 'backoff', 'error', 'event', 'diagnose/types'],
  // The public types name what an application may pass in.
  ['types'],
  ['rung'],
  ['session', 'memory'],
  ['heartbeat', 'scores'],
  ['transport', 'base64', 'saved'],
  ['clock', 'protocol'],
  ['engine', 'engine.es5'],
]

/** Who may import transports: the default list and the list to choose from. */
const LISTS = ['index', 'core', 'diagnose']

/** All that a transport may import. */
const FOR_TRANSPORTS = [
  ...['transport', 'protocol', 'base64'],
  ...['transports/exchange', 'transports/poll', 'transports/slot'],
]

const row = (name: string): number => ROWS.findIndex((names) => names.includes(name))
const isTransport = (name: string): boolean => name.startsWith('transports/')

function allowed(from: string, to: string): boolean {
  if (isTransport(from)) return FOR_TRANSPORTS.includes(to)
  if (isTransport(to)) return LISTS.includes(from)
  return row(to) > row(from)
}

/** `./exchange.ts` in `transports/sse` is `transports/exchange`. */
function target(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.ts$/, '')
}

const client = sources('src').map((file) => file.replace(/\.ts$/, ''))

test.each(client)('src/%s imports only what is below it', (name) => {
  expect(isTransport(name) || row(name) >= 0, `${name} stands in no row of this test`).toBe(true)
  const wrong = imports(`src/${name}.ts`).filter(
    (specifier) => !specifier.startsWith('.') || !allowed(name, target(name, specifier)),
  )
  expect(wrong).toEqual([])
})

test('the rows name only files that exist', () => {
  expect(ROWS.flat().filter((name) => !client.includes(name))).toEqual([])
})

const server = sources('server/src')

test.each(server)('server/src/%s imports nothing of the client but the protocol', (file) => {
  const wrong = imports(`server/src/${file}`).filter((specifier) =>
    specifier.startsWith('.')
      ? !server.includes(posix.join(posix.dirname(file), specifier))
      : !/^(rungs\/protocol|ws|node:.+)$/.test(specifier),
  )
  expect(wrong).toEqual([])
})

test.each(server)('server/src/%s is in no cycle of imports', (start) => {
  const seen = new Set<string>()
  const below = (file: string): void => {
    for (const specifier of imports(`server/src/${file}`)) {
      const next = posix.join(posix.dirname(file), specifier)
      if (!specifier.startsWith('.') || seen.has(next)) continue
      seen.add(next)
      below(next)
    }
  }
  below(start)
  expect([...seen]).not.toContain(start)
})
