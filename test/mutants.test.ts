import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applyTo, readMutants } from '../conformance/mutants/mutant.mjs'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

/** Lists of a folder, each with the folder of the program that its mutants change. */
const listsIn = (folder: string, program: string): readonly (readonly [string, string])[] =>
  readdirSync(new URL(`../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.txt'))
    .map((name) => [`${folder}/${name}`, program] as const)

test.each([
  ...listsIn('conformance/mutants', 'conformance/reference'),
  ...listsIn('conformance/mutants/clients', 'src'),
])('each mutant of %s changes one place of a file in %s', (list, program) => {
  const mutants = readMutants(read(list))
  expect(mutants.length).toBeGreaterThan(10)
  for (const mutant of mutants) {
    const text = read(`${program}/${mutant.file}`)
    expect(applyTo(text, mutant), mutant.fault).not.toBe(text)
  }
})
