import { expect, test } from 'vitest'
import { MODES } from '../e2e/faults/modes.mjs'
import { MORE_SCENARIOS, SCENARIOS } from '../e2e/support/scenarios.mjs'

/** A filter of the others; and what only a server with the option `host` can stand, which its own tests say. */
const ELSEWHERE = ['only', 'rewrite-host']

test('the browser tests know every mode of the fault proxy', () => {
  const known = [...SCENARIOS, ...MORE_SCENARIOS].flatMap(({ faults }) => Object.keys(faults))
  const modes = Object.keys(MODES).filter((mode) => !ELSEWHERE.includes(mode))
  expect([...new Set(known)].sort()).toEqual(modes.sort())
})
