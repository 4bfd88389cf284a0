import { describe, expect, test, vi } from 'vitest'
import { thrownLater } from '../test/support/browser.ts'
import {
  diagnosisUnderTest,
  greetsAfter,
  hearsAfter,
  inTurn,
  sendsAfter,
} from '../test/support/diagnosis.ts'
import { both, failsAfter } from '../test/support/transports.ts'
import { diagnose } from './diagnose.ts'
import type { Progress } from './diagnose/types.ts'

const works = both(sendsAfter(10), greetsAfter(30, 35))
const broken = failsAfter(5, 'closed-1006')

describe('the transports', () => {
  test('are tried one after the other, each in a session of its own', async () => {
    const { run, transports } = diagnosisUnderTest()
    const alive: number[] = []
    const counting = both(works, () =>
      alive.push(transports.flatMap(({ attempts }) => attempts).filter((a) => !a.closed).length),
    )
    await run({ websocket: counting, sse: counting })
    expect(Math.max(...alive)).toBe(1)
    const keys = transports.map(({ attempts }) =>
      attempts.map(({ link }) => JSON.parse(link.attach().text).attach.key as string),
    )
    expect(keys.map((each) => new Set(each).size)).toEqual([1, 1])
    expect(new Set(keys.flat()).size).toBe(2)
  })

  test('end their sessions with a goodbye', async () => {
    const { run, transports, letters } = diagnosisUnderTest()
    await run({ websocket: works })
    expect(transports[0]!.attempts.map(({ closed }) => closed)).toEqual([
      'silently',
      'silently',
      { bye: '[0]' },
    ])
    expect(letters).toEqual([])
  })

  test('transports that cannot carry a goodbye have it brought by a request', async () => {
    const { run, letters } = diagnosisUnderTest()
    await run({ websocket: sendsAfter(10) })
    expect(letters).toEqual([expect.objectContaining({ bye: [0], attach: expect.anything() })])
  })

  test('transports that reached nobody have nobody to say goodbye to', async () => {
    const { run, letters } = diagnosisUnderTest()
    await run({ websocket: broken, sse: both(sendsAfter(0), hearsAfter(9, END)) })
    expect(letters).toEqual([])
  })
})

const END = { end: ['unauthorized', 'authenticate found no user', 'final'] } as const

describe('the report', () => {
  test('names what to use and what does not work', async () => {
    const { run } = diagnosisUnderTest()
    const report = await run({ websocket: broken, sse: works, 'long-poll': works })
    expect(report).toMatchObject({
      url: 'https://page.example/rungs',
      time: '2023-11-14T22:30:00.000Z',
      browser: 'Browser 1.0',
      complete: true,
      use: 'sse',
      summary: 'Use: sse. 1 of 3 transports does not work here: websocket.',
    })
  })

  test('as text has all that is known, and no secret', async () => {
    const { run, transports } = diagnosisUnderTest()
    const { text } = await run({ websocket: broken, sse: works }, { auth: 'the-token' })
    expect(text).toBe(`Rungs diagnosis
https://page.example/rungs
2023-11-14T22:30:00.000Z
Browser 1.0

Use: sse. 1 of 2 transports does not work here: websocket.

WebSocket: the connection fails: something on the way refuses it (closed-1006).
  rejected, closed-1006

SSE: works, 20 ms.
  hello after 35 ms; round trip 20 ms; flowing; session public
`)
    const { key, token } = JSON.parse(transports[1]!.attempts[0]!.link.attach().text).attach
    expect([key, token]).toEqual([expect.stringMatching(/^[\da-z]{28}$/), 'the-token'])
    expect(text).not.toContain(key)
    expect(text).not.toContain(token)
  })

  test('shows neither user name nor password of the URL', async () => {
    diagnosisUnderTest()
    const { url } = await diagnose('https://me:secret@server.example/live/', {
      signal: AbortSignal.abort(),
    })
    expect(url).toBe('https://server.example/live')
  })

  test('goes through JSON', async () => {
    const { run } = diagnosisUnderTest()
    const report = await run({ websocket: works, sse: broken })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })
})

describe('options', () => {
  test('auth is asked once for each transport, and one that fails is a finding', async () => {
    const { run } = diagnosisUnderTest()
    const auth = vi
      .fn<() => Promise<string>>()
      .mockResolvedValueOnce('one')
      .mockRejectedValueOnce(new Error('the-token is old'))
    const { transports, text } = await run({ websocket: works, sse: works }, { auth })
    expect(transports.map(({ problem }) => problem)).toEqual([null, 'no-token'])
    expect(text).not.toContain('the-token')
    expect(auth).toHaveBeenCalledTimes(2)
  })

  test('auth that never answers costs one deadline', async () => {
    const { run, clock } = diagnosisUnderTest()
    const begun = clock.now()
    const { summary } = await run(
      { sse: works },
      { auth: () => new Promise(() => {}), deadline: 50 },
    )
    expect(summary).toBe('Nothing works here: the page could not get its token.')
    expect(clock.now() - begun).toBe(50)
  })

  test('credentials reach the transports', async () => {
    const { run, transports } = diagnosisUnderTest()
    await run({ websocket: works }, { credentials: true })
    expect(transports[0]!.attempts[0]!.link.credentials).toBe(true)
  })

  test('deadline is for each opening', async () => {
    const { run, clock } = diagnosisUnderTest()
    const begun = clock.now()
    const { transports } = await run({ websocket: () => {} }, { deadline: 100 })
    expect(transports[0]).toMatchObject({ problem: 'unanswered', reason: 'deadline' })
    expect(clock.now() - begun).toBe(100)
  })

  test('onProgress hears when a turn begins and what came out; its mistakes stop nothing', async () => {
    const { run } = diagnosisUnderTest()
    const thrown = thrownLater()
    const heard: Progress[] = []
    const report = await run(
      { websocket: broken, sse: works },
      {
        onProgress(progress) {
          heard.push(progress)
          throw new Error('mistake')
        },
      },
    )
    const [websocket, sse] = report.transports
    expect(heard).toEqual([
      { transport: 'websocket', turn: 1, of: 2 },
      { transport: 'websocket', turn: 1, of: 2, result: websocket },
      { transport: 'sse', turn: 2, of: 2 },
      { transport: 'sse', turn: 2, of: 2, result: sse },
    ])
    expect(await thrown).toEqual(new Error('mistake'))
  })

  test('signal ends it at once; the report has what was found out', async () => {
    const { run, transports, clock, letters } = diagnosisUnderTest()
    const stop = new AbortController()
    const begun = clock.now()
    const report = await run(
      {
        websocket: works,
        sse: inTurn(works, ({ link }) => void link.clock.after(5, () => stop.abort())),
        'long-poll': works,
      },
      { signal: stop.signal },
    )
    expect(report.complete).toBe(false)
    expect(report.transports.map(({ problem }) => problem)).toEqual([null, 'aborted', 'aborted'])
    expect(report.summary).toBe(
      'Use: websocket. It works. The diagnosis was stopped before its end.',
    )
    expect(clock.now() - begun).toBeLessThan(200)
    expect(transports[2]!.attempts).toEqual([])
    // The session that was open says goodbye all the same.
    expect(letters.map(({ bye }) => bye)).toEqual([[0]])
  })

  test('signal may be aborted before it begins', async () => {
    const { run, transports } = diagnosisUnderTest()
    const { summary } = await run({ websocket: works }, { signal: AbortSignal.abort() })
    expect(summary).toBe('The diagnosis was stopped before anything was found out.')
    expect(transports[0]!.attempts).toEqual([])
  })
})

describe('bad input is a RungsError', () => {
  test.each([
    ['invalid-url', 'ftp://server.example/rungs', {}],
    ['invalid-url', '/rungs?token=1', {}],
    ['invalid-url', 'http://', {}],
    ['invalid-option', '/rungs', { deadline: 0 }],
    ['invalid-option', '/rungs', { deadline: Infinity }],
    ['invalid-option', '/rungs', { silence: -1 }],
    ['invalid-option', '/rungs', { transports: [] }],
    ['invalid-option', '/rungs', { transports: ['carrier-pigeon' as 'sse'] }],
  ])('%s: %s %o', async (type, url, options) => {
    diagnosisUnderTest()
    await expect(diagnose(url, options)).rejects.toMatchObject({ name: 'RungsError', type })
  })

  test('unsupported: outside of a page', async () => {
    await expect(diagnose('/rungs')).rejects.toMatchObject({ type: 'unsupported' })
  })

  test('and what a browser lacks is a finding', async () => {
    diagnosisUnderTest()
    for (const name of ['WebSocket', 'EventSource', 'XMLHttpRequest', 'MessageChannel'])
      vi.stubGlobal(name, undefined)
    const { summary, transports } = await diagnose('/rungs')
    expect(summary).toBe('Nothing works here: this browser is too old.')
    expect(transports.map(({ supported }) => supported)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
