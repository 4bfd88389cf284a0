import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { imports, sources } from './imports.ts'

/** The client, from the top: a file imports only from its own folder and from lower rows. */
const ROWS = [
  ['index', 'core', 'diagnose'],
  ['client', 'diagnose/'],
  ['channel'],
  ['last-words'],
  ['auth', 'delivery', 'options'],
  // The public types name the parts that an application may pass in.
  ['types'],
  ['connection/'],
  ['session/'],
  ['transports/'],
  ['protocol'],
  ['protocol/'],
  ['platform/'],
  ['error', 'event'],
]

/** Modules that applications and bundlers choose: only the lists of transports import them. */
const CHOICES = ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe', 'all'].map(
  (name) => `transports/${name}`,
)
const LISTS = ['index', 'core', 'diagnose', 'transports/all']

/**
 * Modules of `transports/` that the floors above may know: the interface, an encoding that storage needs, too, and the check
 * of an answer, because a diagnosis makes an exchange of its own.
 */
const SHARED = ['transports/transport', 'transports/base64', 'transports/read-packet']

/** `connection/ladder` stands in the row of `connection/`, `client` in its own. */
const isIn = (name: string, place: string): boolean =>
  name === place || (place.endsWith('/') && name.startsWith(place))
const row = (name: string): number =>
  ROWS.findIndex((places) => places.some((place) => isIn(name, place)))
const folder = (name: string): string => posix.dirname(name)

function allowed(from: string, to: string): boolean {
  if (CHOICES.includes(to)) return LISTS.includes(from)
  if (folder(from) === folder(to) && folder(from) !== '.') return true
  if (folder(to) === 'transports' && !SHARED.includes(to)) return false
  return row(to) > row(from)
}

/** `./http-exchange.ts` in `transports/sse` is `transports/http-exchange`. */
function target(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.ts$/, '')
}

const client = sources('src').map((file) => file.replace(/\.ts$/, ''))

test.each(client)('src/%s imports only what is below it', (name) => {
  expect(row(name) >= 0, `${name} stands in no row of this test`).toBe(true)
  const wrong = imports(`src/${name}.ts`).filter(
    (specifier) => !specifier.startsWith('.') || !allowed(name, target(name, specifier)),
  )
  expect(wrong).toEqual([])
})

test('the rows name only files and folders that exist', () => {
  const unused = ROWS.flat().filter((place) => !client.some((name) => isIn(name, place)))
  expect(unused).toEqual([])
})

test('the lists of transports and the shared modules exist', () => {
  expect([...CHOICES, ...LISTS, ...SHARED].filter((name) => !client.includes(name))).toEqual([])
})
