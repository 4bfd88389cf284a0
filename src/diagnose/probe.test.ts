import { describe, expect, test } from 'vitest'
import {
  diagnosisUnderTest,
  greetsAfter,
  hearsAfter,
  inTurn,
  sendsAfter,
} from '../../test/support/diagnosis.ts'
import { HELLO, ack } from '../../test/support/session.ts'
import { both, failsAfter, throws, type Script } from '../../test/support/transports.ts'

/** A WebSocket that opens after 10 ms, is answered after 30, and proven after 35. */
const works = both(sendsAfter(10), greetsAfter(30, 35))
/** A stream: an exchange is answered after 20 ms, and what comes after it is up to the test. */
const ticket = both(sendsAfter(0), hearsAfter(20, { hello: HELLO, ack: [0, 0, 0], ticket: 'x' }))
/** What a stream says last when the server has heard the goodbye, which is sent after the deadline of 100 ms. */
const ends = hearsAfter(150, { end: ['closed', 'closed', 'final', 1000] })

const LIMITS = { deadline: 100 }

describe('what works', () => {
  test('is timed: opening from nothing to the second part of hello, a round trip from packet to packet', async () => {
    const { runOne } = diagnosisUnderTest()
    expect(await runOne('websocket', works)).toEqual({
      transport: 'websocket',
      supported: true,
      opened: true,
      problem: null,
      reason: null,
      hello: 35,
      rtt: 20,
      flow: 'flowing',
      quiet: null,
      lasted: null,
      waitCut: null,
      bodyLimit: null,
      session: 'public',
      verdict: 'WebSocket: works, 20 ms.',
    })
  })

  test('is opened three times, and the median counts', async () => {
    const { runOne, transports } = diagnosisUnderTest()
    const slow = both(sendsAfter(0), greetsAfter(90))
    const quick = both(sendsAfter(0), greetsAfter(10))
    const medium = both(sendsAfter(0), greetsAfter(25))
    expect(await runOne('websocket', inTurn(slow, quick, medium))).toMatchObject({
      hello: 90,
      rtt: 25,
    })
    expect(transports[0]!.attempts.length).toBe(3)
  })

  test('a poll has no stream that could flow: its hello is complete at once', async () => {
    const { runOne } = diagnosisUnderTest()
    const poll = both(sendsAfter(0), hearsAfter(40, { hello: HELLO, ack: [0, 0, 0], ready: 1 }))
    expect(await runOne('short-poll', poll)).toMatchObject({ problem: null, rtt: 40, flow: null })
  })

  test('a stream is timed by the exchange before it', async () => {
    const { runOne } = diagnosisUnderTest()
    expect(await runOne('sse', both(ticket, greetsAfter(50, 55)))).toMatchObject({
      hello: 55,
      rtt: 20,
      flow: 'flowing',
    })
  })

  test('what the server sends meanwhile is taken and acknowledged', async () => {
    const { runOne, transports } = diagnosisUnderTest()
    const batch = hearsAfter(36, { batch: [1, [['welcome']]], ack: [0, 0, 1] })
    const later = hearsAfter(6_000, ack(0, 0, 1))
    await runOne('websocket', both(works, batch, later), { ...LIMITS, silence: 5_500 })
    const { flushes, link } = transports[0]!.attempts.at(-1)!
    expect(flushes).toBeGreaterThan(0)
    expect(JSON.parse(link.attach().text).ack).toEqual([1, ''])
  })
})

test('a WebSocket whose browser does not say whose page it is joins the session of an exchange, as that of a client does', async () => {
  const diagnosis = diagnosisUnderTest()
  const { runOne, transports, letters } = diagnosis
  const hello = JSON.stringify({ hello: HELLO, ack: [0, 0, 0], ready: 1 })
  diagnosis.answer = (_, { body }) =>
    String(body).includes('"answer":"now"') ? new Response(hello) : undefined
  const refused = both(
    sendsAfter(0),
    hearsAfter(9, { end: ['origin-refused', 'a proxy', 'retry'] }),
  )
  expect(await runOne('websocket', inTurn(refused, works))).toMatchObject({
    ...{ opened: true, problem: null, hello: 35, session: 'public' },
  })
  expect(transports[0]!.attempts.length).toBe(4)
  expect(JSON.parse(transports[0]!.attempts[1]!.link.attach().text).attach.epoch).toBe(HELLO.epoch)
  expect(letters.length).toBeLessThanOrEqual(1)
})

describe('what does not open', () => {
  const cases: readonly (readonly [
    what: string,
    name: 'websocket' | 'sse' | 'long-poll' | 'forever-iframe',
    script: Script,
    problem: string,
    reason: string,
  ])[] = [
    ['a handshake that is never answered', 'websocket', () => {}, 'unanswered', 'deadline'],
    [
      'a handshake that is refused',
      'websocket',
      failsAfter(9, 'closed-1006'),
      'rejected',
      'closed-1006',
    ],
    ['a WebSocket that opens and swallows', 'websocket', sendsAfter(9), 'swallowed', 'deadline'],
    ['a request that is never answered', 'long-poll', sendsAfter(0), 'unanswered', 'deadline'],
    ['no connection', 'long-poll', failsAfter(9, 'unreachable'), 'unreachable', 'unreachable'],
    ['a box that answers itself', 'long-poll', failsAfter(9, 'http-403'), 'rejected', 'http-403'],
    [
      'a frame that is never loaded',
      'forever-iframe',
      () => {},
      'unanswered',
      'bridge-unreachable',
    ],
    // `load` of a frame fires for the page that a browser shows instead, too.
    ['a frame that only seems to load', 'forever-iframe', sendsAfter(9), 'unanswered', 'deadline'],
    ['a stream that brings nothing, even when it ends', 'sse', ticket, 'swallowed', 'deadline'],
    [
      'a stream that comes when it ends',
      'sse',
      both(ticket, greetsAfter(140), ends),
      'buffered',
      'deadline',
    ],
    [
      'a stream that is one message late',
      'sse',
      both(ticket, greetsAfter(30, 140), ends),
      'lagging',
      'deadline',
    ],
    [
      'a stream that ends at once',
      'sse',
      both(ticket, failsAfter(40, 'stream-ended')),
      'rejected',
      'stream-ended',
    ],
    [
      'a refusal of the server',
      'sse',
      both(sendsAfter(0), hearsAfter(9, { end: ['origin-refused', '', 'final'] })),
      'refused',
      'origin-refused',
    ],
    [
      'a policy of the page',
      'websocket',
      throws('wss://server.example/?secret'),
      'forbidden',
      'Error',
    ],
  ]

  test.each(cases)('%s', async (_, name, script, problem, reason) => {
    const { runOne } = diagnosisUnderTest()
    const { verdict, ...finding } = await runOne(name, script, LIMITS)
    expect(finding).toMatchObject({ opened: false, problem, reason, hello: null, quiet: null })
    expect(finding.flow).toBe(problem === 'buffered' || problem === 'lagging' ? problem : null)
    expect(verdict).toMatch(/^\w+[\w ]*: [^{}]+\.$/)
  })

  test('a stream that is slow, and not held until its end, is not called buffered', async () => {
    const { runOne } = diagnosisUnderTest()
    const slow = both(ticket, greetsAfter(500))
    expect(await runOne('sse', slow, LIMITS)).toMatchObject({ problem: 'slow', flow: 'flowing' })
  })

  test('a policy of the page shows as one, whatever the browser tells the transport', async () => {
    const { runOne, letters } = diagnosisUnderTest()
    const violation = (blockedURI: string, disposition: string): void =>
      void document.dispatchEvent(
        Object.assign(new Event('securitypolicyviolation'), { blockedURI, disposition }),
      )
    const script: Script = ({ link }) => {
      link.attach()
      link.clock.after(5, () => violation('https://ads.example/', 'enforce'))
      link.clock.after(5, () => violation(link.url, 'report'))
      link.clock.after(10, () => violation(link.url.replace('http', 'ws'), 'enforce'))
    }
    expect(await runOne('websocket', script)).toMatchObject({
      problem: 'forbidden',
      reason: 'content-security-policy',
    })
    expect(letters).toEqual([])
  })

  test('what opened once and not again is unsteady', async () => {
    const { runOne, letters } = diagnosisUnderTest()
    const finding = await runOne('websocket', inTurn(works, failsAfter(5, 'closed-1006')), LIMITS)
    expect(finding).toMatchObject({
      opened: true,
      problem: 'unsteady',
      reason: 'closed-1006',
      hello: 35,
      rtt: 20,
      flow: 'flowing',
    })
    expect(letters.map(({ bye }) => bye)).toEqual([[0]])
  })
})

describe('silence', () => {
  const beats = (...times: readonly number[]): Script =>
    both(works, ...times.map((ms) => hearsAfter(ms, ack(0))))
  const alone = { ...LIMITS, silence: 1_000 }

  test('ends with the next heartbeat, which proves that the connection survived it', async () => {
    const { runOne } = diagnosisUnderTest()
    expect(await runOne('websocket', beats(20_035), alone)).toMatchObject({
      problem: null,
      quiet: 20_000,
      lasted: 20_000,
      verdict: 'WebSocket: works, 20 ms; stays open through 20 s of silence.',
    })
  })

  test('counts its longest pause', async () => {
    const { runOne } = diagnosisUnderTest()
    expect(await runOne('websocket', beats(135, 835, 1_235), alone)).toMatchObject({
      quiet: 700,
      lasted: 1_200,
      verdict: 'WebSocket: works, 20 ms.',
    })
  })

  test('finds what is cut', async () => {
    const { runOne, letters } = diagnosisUnderTest()
    const cut = both(works, failsAfter(5_035, 'closed-1006'))
    expect(await runOne('websocket', cut, alone)).toMatchObject({
      opened: true,
      problem: 'cut',
      reason: 'closed-1006',
      lasted: 5_000,
      verdict: 'WebSocket: opens, but is cut after 5 s (closed-1006).',
    })
    expect(letters.length).toBe(1)
  })

  test('finds what falls silent: an interval and some seconds are too long', async () => {
    const { runOne, clock, letters } = diagnosisUnderTest()
    const begun = clock.now()
    expect(await runOne('websocket', works, alone)).toMatchObject({
      problem: 'silent',
      reason: 'silent',
    })
    expect(clock.now() - begun).toBe(3 * 35 + 1_000 + HELLO.heartbeat + 5_000)
    expect(letters.length).toBe(1)
  })

  test('is not kept where it was not asked for', async () => {
    const { runOne, clock } = diagnosisUnderTest()
    const begun = clock.now()
    await runOne('websocket', works)
    expect(clock.now() - begun).toBe(3 * 35)
  })
})
