import type { Report } from '../src/diagnose/types.ts'
import { TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/diagnosis.ts'
import { until } from './support/until.ts'

/** A diagnosis of broken networks waits for deadlines. */
test.describe.configure({ timeout: 90_000 })

const problems = ({ transports }: Report): object =>
  Object.fromEntries(transports.map(({ transport, problem }) => [transport, problem]))
const of = ({ transports }: Report, name: string): Report['transports'][number] =>
  transports.find(({ transport }) => transport === name)!

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
