import type { Report } from '../src/diagnose/types.ts'
import type { Faults } from 'rungs-faults'
import { TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/diagnosis.ts'
import { until } from './support/until.ts'

/** A diagnosis of broken networks waits for deadlines. */
test.describe.configure({ timeout: 90_000 })

/** Problems by transport, of those that have one. */
const problems = ({ transports }: Report): object =>
  Object.fromEntries(
    transports
      .filter(({ problem }) => problem)
      .map(({ transport, problem }) => [transport, problem]),
  )

test('a healthy network: all work, flow, and leave nothing on the server', async ({
  diagnosis,
}) => {
  const report = await diagnosis.run()
  expect(report.summary).toBe('Use: websocket. All 5 transports work.')
  expect(report.transports.map(({ transport }) => transport)).toEqual(TRANSPORTS)
  for (const { verdict, hello, rtt, session } of report.transports) {
    expect(verdict).toMatch(/: works, \d+ ms\.$/)
    expect([hello, rtt, session]).not.toContain(null)
  }
  expect(report.transports.map(({ flow }) => flow)).toEqual([
    'flowing',
    'flowing',
    null,
    null,
    'flowing',
  ])
  await until('all sessions have ended', () => diagnosis.sessions.closed === 5)
  expect([diagnosis.sessions.opened, diagnosis.messages]).toEqual([5, []])
})

const noWebSocket = (problem: string): object => ({ websocket: problem })
const noStreams = (problem: string): object => ({ sse: problem, 'forever-iframe': problem })

/** Variants of a network that is tried in every engine. */
const VARIANTS = ['WebSocket stripped', 'streams buffered, headers too', 'streams in blocks']

const NETWORKS: readonly (readonly [what: string, faults: Faults, use: string, broken: object])[] =
  [
    [
      'WebSocket never answered',
      { 'never-answer-websocket': true },
      'sse',
      noWebSocket('unanswered'),
    ],
    ['WebSocket 101, then silence', { 'mute-websocket': true }, 'sse', noWebSocket('swallowed')],
    ['WebSocket stripped', { 'strip-websocket': true }, 'sse', noWebSocket('rejected')],
    ['WebSocket rejected', { 'reject-websocket': true }, 'sse', noWebSocket('rejected')],
    ['streams buffered', { 'buffer-streams': true }, 'websocket', noStreams('buffered')],
    [
      'streams buffered, headers too',
      { 'buffer-streams': { headers: true } },
      'websocket',
      noStreams('buffered'),
    ],
    ['streams in blocks', { 'block-streams': true }, 'websocket', noStreams('buffered')],
    ['events held until the next', { 'lag-streams': true }, 'websocket', noStreams('lagging')],
  ]

for (const [what, faults, use, broken] of NETWORKS) {
  const tag = VARIANTS.includes(what) ? '@matrix' : []
  test(`${what}: the report tells what is broken, and how`, { tag }, async ({ diagnosis }) => {
    diagnosis.proxy.set(faults)
    const report = await diagnosis.run({ deadline: 2_500 })
    expect(problems(report)).toEqual(broken)
    expect(report.use).toBe(use)
    if ('strip-websocket' in faults) {
      expect(report.transports[0]).toMatchObject({ reason: 'upgrade-removed' })
    }
    const { sessions, messages } = diagnosis
    await until('all sessions have ended', () => sessions.closed === sessions.opened)
    expect(messages).toEqual([])
  })
}

test('everything down: nothing works, and it says so', async ({ diagnosis }) => {
  diagnosis.proxy.refuse()
  diagnosis.proxy.cut()
  const report = await diagnosis.run({ deadline: 1_000 })
  expect(report.use).toBe(null)
  expect(report.summary).toMatch(/^Nothing works here: no answer from the server arrives/)
  expect(report.transports.map(({ opened }) => opened)).toEqual([false, false, false, false, false])
  expect(diagnosis.sessions.opened).toBe(0)
})

test('no byte passes: every transport has its deadline, and no more', async ({ diagnosis }) => {
  const mend = diagnosis.proxy.silence()
  const report = await diagnosis.run({ deadline: 500 })
  mend()
  expect(report.use).toBe(null)
  for (const { problem } of report.transports) expect(problem).toBe('unanswered')
})

test.describe('left alone', () => {
  test.use({ hubOptions: { heartbeat: 1_000 } })

  test('a connection that is cut when it is idle is told from those that survive', async ({
    diagnosis,
  }) => {
    diagnosis.proxy.set({ 'kill-websocket': { idle: 500 } })
    const transports = ['websocket', 'sse', 'long-poll'] as const
    const report = await diagnosis.run({ transports, silence: 1 })
    expect(problems(report)).toEqual(noWebSocket('cut'))
    const [websocket, sse, longPoll] = report.transports
    expect(websocket?.verdict).toMatch(/^WebSocket: opens, but is cut after \d/)
    expect(sse?.quiet).toBeGreaterThan(500)
    expect(longPoll?.quiet).toBeGreaterThan(500)
  })
})

test.describe('a server that refuses', () => {
  test.use({ hubOptions: { authenticate: () => null } })

  test('is not mistaken for a bad network', async ({ diagnosis }) => {
    const { summary, transports } = await diagnosis.run()
    expect(summary).toBe(
      'Nothing works here: the server refuses (unauthorized); the network is not the cause.',
    )
    expect(transports.map(({ problem }) => problem)).toEqual(Array(5).fill('refused'))
  })
})

test('a policy of the page shows as one, and the iframe gets around it', async ({
  diagnosis,
  site,
  tab,
}) => {
  site.headers('/diagnosis.html', {
    'content-security-policy': "connect-src 'none'; default-src 'self' 'unsafe-inline' data:",
  })
  await tab.reload()
  await until('the page has its script', () => tab.run(() => 'diagnose' in window))
  const report = await diagnosis.run()
  expect(problems(report)).toEqual({
    websocket: 'forbidden',
    sse: 'forbidden',
    'long-poll': 'forbidden',
    'short-poll': 'forbidden',
  })
  await until('its session has ended', () => diagnosis.sessions.closed === 1)
})
