/** What is shipped, as it was built: run `npm run build` first. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { imports } from './imports.ts'

test('dist holds what the package exports, with source maps, and nothing else', () => {
  expect(readdirSync('dist').sort()).toEqual([
    ...['core.d.ts', 'core.mjs', 'core.mjs.map'],
    ...['diagnose.d.ts', 'diagnose.mjs', 'diagnose.mjs.map'],
    ...['index.d.ts'],
    ...['protocol.d.ts', 'protocol.mjs', 'protocol.mjs.map'],
    ...['rungs.js', 'rungs.js.map', 'rungs.mjs', 'rungs.mjs.map'],
  ])
})

test.each(['rungs', 'core', 'diagnose', 'protocol'])(
  '%s.mjs is one file, and does nothing when it is imported',
  async (name) => {
    expect(imports(`dist/${name}.mjs`)).toEqual([])
    const before = Object.keys(globalThis)
    await import(`../dist/${name}.mjs`)
    expect(Object.keys(globalThis)).toEqual(before)
  },
)

test.each(['index.mjs', 'index.d.ts'])(
  'server/dist/%s needs Node and ws, and no client',
  (name) => {
    expect(
      imports(`server/dist/${name}`).filter((from) => from !== 'ws' && !from.startsWith('node:')),
    ).toEqual([])
  },
)
