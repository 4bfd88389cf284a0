import { describe, expect, test } from 'vitest'
import { reportOf } from './report.ts'
import type { Finding, Problem } from './types.ts'

const WORKS: Finding = {
  transport: 'websocket',
  supported: true,
  opened: true,
  problem: null,
  reason: null,
  hello: 50,
  rtt: 48,
  flow: 'flowing',
  quiet: null,
  lasted: null,
  waitCut: null,
  bodyLimit: null,
  session: 'public',
}
const NAMES = ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe'] as const
const HEAD = { url: '', time: '', browser: '', complete: true }

const failing = (problem: Problem, reason: string = problem): Finding => ({
  ...WORKS,
  ...{ opened: false, problem, reason, hello: null, rtt: null, flow: null, session: null },
})
/** Findings of as many transports, best first. */
const report = (...findings: readonly Finding[]): ReturnType<typeof reportOf> =>
  reportOf(
    findings.map((finding, i) => ({ ...finding, transport: NAMES[i]! })),
    HEAD,
  )

describe('the summary', () => {
  const bad = failing('unanswered', 'deadline')
  test.each([
    [[WORKS], 'Use: websocket. It works.'],
    [[WORKS, WORKS], 'Use: websocket. All 2 transports work.'],
    [[bad, WORKS], 'Use: sse. 1 of 2 transports does not work here: websocket.'],
    [[bad, WORKS, bad], 'Use: sse. 2 of 3 transports do not work here: websocket, long-poll.'],
    [
      [WORKS, bad, failing('aborted')],
      'Use: websocket. 1 of 2 transports does not work here: sse. The diagnosis was stopped before its end.',
    ],
    [[failing('aborted')], 'The diagnosis was stopped before anything was found out.'],
    [
      [bad, failing('unreachable')],
      'Nothing works here: no answer from the server arrives; check its address, and whether it runs and is allowed.',
    ],
    [
      [bad, failing('refused', 'unauthorized')],
      'Nothing works here: the server refuses (unauthorized); the network is not the cause.',
    ],
    [[failing('unsupported')], 'Nothing works here: this browser is too old.'],
    [
      [failing('unsupported'), failing('no-token')],
      'Nothing works here: the page could not get its token.',
    ],
    [
      [{ ...failing('swallowed'), rtt: 30 }, bad],
      'Nothing works here: the server answers, but no connection holds.',
    ],
  ])('of %#', (findings, summary) => {
    expect(report(...findings).summary).toBe(summary)
  })

  test('names the best that works', () => {
    expect(report(bad, WORKS, WORKS).use).toBe('sse')
    expect(report(bad).use).toBe(null)
  })
})

describe('a verdict', () => {
  test.each([
    [{}, 'WebSocket: works, 48 ms.'],
    [{ hello: 3_210 }, 'WebSocket: works, 48 ms, but takes 3.2 s to open.'],
    [{ quiet: 20_100 }, 'WebSocket: works, 48 ms; stays open through 20 s of silence.'],
    [
      failing('swallowed', 'deadline'),
      'WebSocket: the connection opens but nothing comes through: a proxy on the way swallows it.',
    ],
    [failing('unsupported'), 'WebSocket: this browser does not have it.'],
  ])('of %o', (finding, verdict) => {
    expect(report({ ...WORKS, ...finding }).transports[0]!.verdict).toBe(verdict)
  })
})

test('the text has a line of details for each, as far as there are any', () => {
  const { text } = report({ ...WORKS, quiet: 700 }, failing('rejected', 'http-403'))
  expect(text.split('\n').filter((line) => line.startsWith('  '))).toEqual([
    '  hello after 50 ms; round trip 48 ms; flowing; longest pause 0.7 s; session public',
    '  rejected, http-403',
  ])
})
