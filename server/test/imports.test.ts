import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { imports, sources } from '../../test/imports.ts'

/**
 * The server, from the top: a file imports only what stands in a lower row. A name with a slash is a folder, whose files
 * may also import each other.
 */
const ROWS = [
  ['index'],
  ['hub'],
  ['assemble'],
  ['lifecycle'],
  ['application'],
  ['sender'],
  ['http/'],
  ['listeners', 'background', 'metrics'],
  ['settings'],
  ['hooks'],
  ['options'],
  ['session'],
  ['delivery/'],
  ['checks', 'memory-budget'],
  ['errors', 'assets'],
  ['redis/'],
  ['redis/lua/'],
  ['store/'],
]

/** All that the server imports from outside of its own sources. */
const OUTSIDE = /^(rungs\/protocol|ws|node:.+)$/

const files = sources('server/src').map((file) => file.replace(/\.ts$/, ''))

/** `memory-store.ts` of `store/` stands where `store/` does. */
function place(file: string): string {
  return file.includes('/') ? `${posix.dirname(file)}/` : file
}

const row = (file: string): number => ROWS.findIndex((names) => names.includes(place(file)))

function allowed(from: string, to: string): boolean {
  return row(to) > row(from) || (place(to) === place(from) && place(to).endsWith('/'))
}

/** The files of the server that a file imports; `./parse.ts` in `http/routes` is `http/parse`. */
function importedFiles(from: string): string[] {
  return imports(`server/src/${from}.ts`)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(from), specifier).replace(/\.ts$/, ''))
}

test('every source of the server stands in exactly one row of this test', () => {
  expect(files.filter((file) => row(file) < 0)).toEqual([])
  const places = new Set(files.map(place))
  expect(ROWS.flat().filter((name) => !places.has(name))).toEqual([])
  expect(new Set(ROWS.flat()).size).toBe(ROWS.flat().length)
})

test.each(files)('server/src/%s imports only what is below it', (from) => {
  expect(importedFiles(from).filter((to) => !files.includes(to) || !allowed(from, to))).toEqual([])
})

test.each(files)('server/src/%s imports nothing of the client but rungs/protocol', (from) => {
  const outside = imports(`server/src/${from}.ts`).filter((specifier) => !specifier.startsWith('.'))
  expect(outside.filter((specifier) => !OUTSIDE.test(specifier))).toEqual([])
})

test.each(files)('server/src/%s is in no cycle of imports', (start) => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    for (const next of importedFiles(file)) {
      if (seen.has(next)) continue
      seen.add(next)
      visit(next)
    }
  }
  visit(start)
  expect([...seen]).not.toContain(start)
})
