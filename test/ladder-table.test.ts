import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

test('each row of the table of ARCHITECTURE.md names a test of the ladder', () => {
  const tests = readdirSync(new URL('../src/connection', import.meta.url))
    .filter((name) => /^ladder.*\.test\.ts$/.test(name))
    .map((name) => read(`../src/connection/${name}`))
    .join()
  const [, table = ''] = read('../ARCHITECTURE.md').split('| what happened | what it does | test |')
  const rows = table.split('\n\n')[0]!.trim().split('\n').slice(1)
  const names = rows.map((row) => row.split(' | ').at(-1)!.replace(/ \|$/, ''))
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !tests.includes(`test('${name}'`))).toEqual([])
})
