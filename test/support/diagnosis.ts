/** A diagnosis of fake transports, on a clock that goes by itself. */
import { vi } from 'vitest'
import { diagnose } from '../../src/diagnose.ts'
import type { DiagnoseOptions, Report, TransportReport } from '../../src/diagnose/types.ts'
import type { Down, TransportName, Up } from '../../src/protocol.ts'
import { fakeBrowser, settled } from './browser.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { HELLO, up } from './session.ts'
import { fakeTransport, type FakeTransport, type Script } from './transports.ts'

const GREETING: Down = { hello: HELLO, ack: [0, 0, 0] }

/** The first packet goes up after so many milliseconds. */
export const sendsAfter =
  (ms: number): Script =>
  ({ link }) =>
    void link.clock.after(ms, () => void link.attach())

/** A packet comes down after so many milliseconds. */
export const hearsAfter =
  (ms: number, down: Down): Script =>
  ({ link, hear }) =>
    void link.clock.after(ms, () => hear(down))

/** Both parts of hello. */
export const greetsAfter =
  (ms: number, ready: number = ms): Script =>
  (attempt) => {
    hearsAfter(ms, GREETING)(attempt)
    hearsAfter(ready, { ready: 1 })(attempt)
  }

/** One script for each opening; the last for all that follow. */
export function inTurn(...scripts: readonly Script[]): Script {
  let turn = 0
  return (attempt) => scripts[Math.min(turn++, scripts.length - 1)]!(attempt)
}

export interface DiagnosisUnderTest {
  readonly clock: ManualClock
  /** Requests besides those of the transports: goodbyes. */
  readonly letters: Up[]
  /** Answers requests besides those of the transports; those without an answer fail. */
  answer: (url: string, init: RequestInit) => Response | undefined
  /** Diagnoses these transports, while time goes on until all is found out. */
  run(
    scripts: { readonly [name in TransportName]?: Script },
    options?: DiagnoseOptions,
  ): Promise<Report>
  /** The same for one transport, which is the answer. */
  runOne(name: TransportName, script: Script, options?: DiagnoseOptions): Promise<TransportReport>
  /** What was opened, by the last run. */
  readonly transports: FakeTransport[]
}

export function diagnosisUnderTest(): DiagnosisUnderTest {
  fakeBrowser()
  const letters: Up[] = []
  vi.stubGlobal('navigator', { userAgent: 'Browser 1.0' })
  vi.stubGlobal('location', { href: 'https://page.example/app/' })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const body = init.body as string | undefined
    const answer = test.answer(url, init)
    if (answer) return Promise.resolve(answer)
    if (body) letters.push(up(body))
    return Promise.reject(new TypeError('the network is bad'))
  })
  const clock = manualClock()
  const test: DiagnosisUnderTest = {
    clock,
    letters,
    answer: () => undefined,
    transports: [],
    async run(scripts, options) {
      const names = Object.keys(scripts) as TransportName[]
      const transports = names.map((name) => fakeTransport(name, scripts[name]))
      test.transports.splice(0, test.transports.length, ...transports)
      let pending = true
      const report = diagnose('/rungs', { transports, ...options }, clock).finally(() => {
        pending = false
      })
      for (await settled(); pending; await settled()) clock.advance(5)
      return report
    },
    async runOne(name, script, options) {
      const { transports } = await test.run({ [name]: script }, options)
      return transports[0]!
    },
  }
  return test
}
