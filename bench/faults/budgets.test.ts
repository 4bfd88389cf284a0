import { expect, test } from 'vitest'
import { distrust, judge } from './budgets.mjs'

interface Sample {
  readonly ms?: number
  readonly connections: number
}

const took = (...ms: (number | undefined)[]): Sample[] =>
  ms.map((each) => (each === undefined ? { connections: 0 } : { ms: each, connections: 0 }))

const scenario = (
  name: string,
  samples: Record<string, Sample[]>,
  { faults = {}, post = true } = {},
): object => ({
  name,
  post,
  faults: { delay: 25, ...faults },
  samples: { websocket: took(150, 150, 150), healthy: took(50, 50, 50), ...samples },
})

const verdict = (...args: Parameters<typeof scenario>): unknown =>
  judge([scenario(...args)])[0].budget

test('healthy: against the WebSocket of the same round', () => {
  const websocket = took(150, 300, 160)
  expect(
    verdict('healthy', { rungs: took(150, 300, 160), again: took(50, 100, 60), websocket }),
  ).toEqual({
    against: 'websocket',
    most: 1,
    ratio: 1,
    passed: true,
  })
  expect(
    verdict('healthy', { rungs: took(50, 50, 50), again: took(170, 330, 160), websocket }),
  ).toMatchObject({
    passed: false,
  })
})

test('a fault: against Rungs without it, the slower of both visits', () => {
  expect(verdict('rejected', { rungs: took(55, 60, 65), again: took(70, 70, 300) })).toMatchObject({
    against: 'healthy',
    ratio: 1.4,
    passed: true,
  })
  expect(verdict('rejected', { rungs: took(80, 80, 50), again: took(50, 50, 50) })).toMatchObject({
    ratio: 1.6,
    passed: false,
  })
})

test('never usable, or no second visit for that reason: failed', () => {
  const never = took(undefined, undefined, 50)
  for (const samples of [
    { rungs: never, again: took(50, 50, 50) },
    { rungs: took(50, 50, 50), again: never },
    { rungs: never, again: [] },
  ])
    expect(verdict('blackhole', samples)).toMatchObject({ ratio: Infinity, passed: false })
})

test('another line is measured by a WebSocket on the same line', () => {
  const samples = { rungs: took(300), again: took(300), websocket: took(900) }
  for (const faults of [{ delay: 150 }, { jitter: 50 }, { bandwidth: 20_000 }])
    expect(verdict('line', samples, { faults })).toMatchObject({
      against: 'websocket',
      passed: true,
    })
})

test('without kept connections, TCP takes a round trip', () => {
  const samples = { rungs: took(120), again: took(110) }
  expect(verdict('old', samples, { faults: { 'http-1.0': true } })).toMatchObject({ ratio: 1.4 })
})

test('where no POST passes at once, nothing is promised', () => {
  expect(verdict('lost', { rungs: took(5000), again: took(5000) }, { post: false })).toBe(undefined)
})

test('yardsticks that cannot be are not trusted', () => {
  const [fetch, websocket] = [took(90, 52), took(152, 250)]
  expect(distrust({ fetch, websocket })).toBe(undefined)
  expect(distrust({ fetch: took(49), websocket })).toMatch('fetch took 49 ms at its fastest')
  expect(distrust({ fetch, websocket: took(103) })).toMatch('websocket took 103 ms')
  expect(distrust({ fetch, websocket: took(210) })).toMatch('not 3 × 50: is the machine busy?')
  expect(distrust({ fetch: [{ ms: 52, connections: 1 }], websocket })).toMatch('not warm')
})
