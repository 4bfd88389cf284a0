/** Verdicts that browsers do not give: what a request of its own finds out. */
import { describe, expect, test, vi } from 'vitest'
import {
  diagnosisUnderTest,
  greetsAfter,
  hearsAfter,
  inTurn,
  sendsAfter,
} from '../../test/support/diagnosis.ts'
import { HELLO } from '../../test/support/session.ts'
import { both, failsAfter } from '../../test/support/transports.ts'

const URL = 'https://page.example/rungs'
const works = both(sendsAfter(10), greetsAfter(30, 35))
const poll = both(sendsAfter(0), hearsAfter(40, { hello: HELLO, ack: [0, 0, 0], ready: 1 }))
const broken = failsAfter(9, 'closed-1006')
const end = (reason: string): string => JSON.stringify({ end: ['not-found', reason, 'retry'] })

describe('a handshake that failed', () => {
  test('was stripped, if the server met it', async () => {
    const diagnosis = diagnosisUnderTest()
    diagnosis.answer = (url, { method = 'GET' }) =>
      url === URL && method === 'GET'
        ? new Response(end('upgrade-removed: this path takes WebSockets'), { status: 404 })
        : undefined
    expect(await diagnosis.runOne('websocket', broken)).toMatchObject({
      ...{ problem: 'rejected', reason: 'upgrade-removed' },
      verdict:
        'WebSocket: a proxy on the way takes away the header Upgrade; let it pass Upgrade and Connection.',
    })
  })

  test('was refused otherwise, if the server has met none', async () => {
    const diagnosis = diagnosisUnderTest()
    diagnosis.answer = () => new Response(end('this path takes WebSockets'), { status: 404 })
    expect((await diagnosis.runOne('websocket', broken)).reason).toBe('closed-1006')
  })
})

/** A body that breaks off. */
const cutBody = (): Response =>
  new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('cut')) }))

describe('a frame that did not become the bridge', () => {
  test.each([
    ['bridge-http-503', () => new Response('busy', { status: 503 }), 'answers with 503 in place'],
    ['bridge-cut', cutBody, 'is cut on its way'],
    ['bridge-replaced', () => new Response('<script src="/app.js">'), 'another page is answered'],
    ['bridge-forbidden', () => new Response('Rungs-Origin'), 'frame-src of this page or'],
    ['bridge-unreachable', () => undefined, 'no connection to the page of the bridge'],
  ])('%s', async (reason, answer, words) => {
    const diagnosis = diagnosisUnderTest()
    diagnosis.answer = (url) => (url === `${URL}/bridge` ? answer() : undefined)
    const finding = await diagnosis.runOne('forever-iframe', failsAfter(9, 'not-the-bridge'))
    expect(finding).toMatchObject({ problem: 'rejected', reason })
    expect(finding.verdict).toContain(words)
  })

  test('bridge-silent: an answer that never comes has its deadline', async () => {
    const diagnosis = diagnosisUnderTest()
    vi.stubGlobal('fetch', () => new Promise(() => {}))
    const finding = await diagnosis.runOne('forever-iframe', () => {}, { deadline: 100 })
    expect(finding).toMatchObject({ problem: 'unanswered', reason: 'bridge-silent' })
    expect(finding.verdict).toContain('the page of the bridge is never answered')
  })
})

test('several servers that do not know each other are told from a refusal', async () => {
  const { run } = diagnosisUnderTest()
  const foreign = both(sendsAfter(5), hearsAfter(9, { end: ['gone', 'unknown', 'reset'] }))
  const { transports, summary } = await run({ websocket: inTurn(works, foreign) })
  expect(transports[0]).toMatchObject({ problem: 'several-servers', reason: 'unknown' })
  expect(summary).toBe(
    'Nothing works here: several servers answer that do not know each other; they need a common store, or sticky sessions.',
  )
})

test('a poll that is cut and asked again works, and says after how long', async () => {
  const { runOne } = diagnosisUnderTest()
  const cut = both(poll, ({ link, hear }) => {
    link.clock.after(50, () => void link.attach({ answer: '"wait"' }))
    link.clock.after(10_050, () => void link.attach({ answer: '"wait"', within: '8000' }))
    link.clock.after(18_050, () => hear({ ack: [0, 0, 0], ready: 1 }))
  })
  expect(await runOne('long-poll', cut, { silence: 15_000 })).toMatchObject({
    problem: null,
    waitCut: 10_000,
    verdict: expect.stringContaining('each wait is cut after 10 s, and asked again'),
  })
})

test.each([
  [8_192, 7_500],
  [2_500, 2_048],
  [1_000_000, null],
  [1_000, null],
])('a limit of %i bytes for bodies lets %s pass', async (limit, bodyLimit) => {
  const diagnosis = diagnosisUnderTest()
  diagnosis.answer = (_, { body }) => {
    if (typeof body !== 'string' || body.indexOf('bye') > 0) return undefined
    return body.length > limit
      ? new Response('<h1>413</h1>', { status: 413 })
      : new Response('{"ack":[0,0,0]}')
  }
  const { transports, notes } = await diagnosis.run({ 'short-poll': poll })
  expect(transports[0]!.bodyLimit).toBe(bodyLimit)
  expect(notes.length).toBe(bodyLimit ? 1 : 0)
})

describe('policies', () => {
  const withPermission = (known: string, state: string): object => ({
    userAgent: 'Browser 1.0',
    permissions: {
      query: ({ name }: { readonly name: string }) =>
        name === known ? Promise.resolve({ state }) : Promise.reject(new TypeError('unknown')),
    },
  })

  test.each([
    ['denied', 'The browser does not let this page reach private addresses'],
    ['prompt', 'If the address of the server is private'],
    ['granted', undefined],
  ])('Local Network Access: %s', async (state, note) => {
    const { run } = diagnosisUnderTest()
    vi.stubGlobal('navigator', withPermission('local-network-access', state))
    const { notes, text } = await run({ websocket: broken })
    expect(notes.map((each) => each.slice(0, note?.length))).toEqual(note ? [note] : [])
    expect(text.includes(`\n${note}`)).toBe(!!note)
  })

  test('a permission that would be asked for is no reason where something works', async () => {
    const { run } = diagnosisUnderTest()
    vi.stubGlobal('navigator', withPermission('local-network', 'prompt'))
    expect((await run({ websocket: broken, sse: works })).notes).toEqual([])
  })

  test('Connection-Allowlist of the page', async () => {
    const diagnosis = diagnosisUnderTest()
    const headers = { 'Connection-Allowlist': '(response-origin)' }
    diagnosis.answer = (_, { method }) =>
      method === 'HEAD' ? new Response(null, { headers }) : undefined
    expect((await diagnosis.run({ websocket: broken })).notes).toEqual([
      'The page allows itself few addresses (Connection-Allowlist: (response-origin)).',
    ])
  })

  test.each(['connect-src', 'frame-src'])('%s is named', async (effectiveDirective) => {
    const { runOne } = diagnosisUnderTest()
    const finding = await runOne('forever-iframe', ({ link }) =>
      link.clock.after(5, () =>
        document.dispatchEvent(
          Object.assign(new Event('securitypolicyviolation'), {
            ...{ blockedURI: link.url, disposition: 'enforce', effectiveDirective },
          }),
        ),
      ),
    )
    expect(finding).toMatchObject({ problem: 'forbidden', reason: effectiveDirective })
    expect(finding.verdict).toContain(`(${effectiveDirective})`)
  })
})
