import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applyTo, readMutants } from '../conformance/mutants/mutant.mjs'

const read = (path: string): string =>
  readFileSync(new URL(`../conformance/${path}`, import.meta.url), 'utf8')
const lists = readdirSync(new URL('../conformance/mutants', import.meta.url)).filter((name) =>
  name.endsWith('.txt'),
)

test.each(lists)('each mutant of %s changes one place of the reference server', (name) => {
  const mutants = readMutants(read(`mutants/${name}`))
  expect(mutants.length).toBeGreaterThan(10)
  for (const mutant of mutants) {
    const text = read(`reference/${mutant.file}`)
    expect(applyTo(text, mutant), mutant.fault).not.toBe(text)
  }
})
