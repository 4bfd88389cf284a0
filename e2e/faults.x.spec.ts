import type { FaultProxy } from 'rungs-faults'
import type { AttemptRecord } from '../src/types.ts'
import { openApp } from './support/app.ts'
import { MORE_SCENARIOS, SCENARIOS } from './support/scenarios.mjs'
import type { Tab } from './support/tab.ts'
import { expect, test } from './support/test.ts'

type Scenario = (typeof SCENARIOS)[number]

/**
 * Milliseconds to the first echo where a plain POST passes. Not a speed, which `npm run bench:faults` measures, but proof
 * that nobody waits for a verdict: any rung has longer than this before it is given up.
 */
const AT_ONCE = 3_000
/** The same where the network eats the first requests themselves. */
const SOON = 10_000

test.describe.configure({ timeout: 120_000 })

/** The longest time in which nothing carried, once something had. */
function longestGap(attempts: readonly AttemptRecord[]): number {
  let longest = 0
  let carriedUntil = Infinity
  const lives = attempts
    .filter(({ opened }) => opened !== undefined)
    .map(({ began, opened, ended }) => ({
      from: began + Number(opened),
      until: ended === undefined ? Infinity : began + ended,
    }))
    .toSorted((a, b) => a.from - b.from)
  for (const [index, { from, until }] of lives.entries()) {
    longest = Math.max(longest, from - carriedUntil)
    carriedUntil = index ? Math.max(carriedUntil, until) : until
  }
  return longest
}

async function expectUsable(
  tab: Tab,
  network: FaultProxy,
  { settles, post, lasting, act }: Scenario,
) {
  await openApp(tab)
  act?.(network)
  const { ms, trace } = await tab.run(async () => {
    const { socket, received, began, when } = window.app
    socket.send('hello')
    await when('the echo came', () => received.length > 0)
    return { ms: performance.now() - began, trace: JSON.stringify(socket.attempts) }
  })
  expect.soft(ms, `the first echo; attempts: ${trace}`).toBeLessThan(post ? AT_ONCE : SOON)

  const carries = await tab.run(({ names, time }) => window.app.settled(names, time), {
    names: settles,
    time: lasting,
  })
  expect(settles).toContain(carries)
  const attempts = await tab.run(() => window.app.socket.attempts)
  expect(attempts, 'the trace says since when it carries').toContainEqual({
    transport: carries,
    began: expect.any(Number),
    opened: expect.any(Number),
  })
  if (post) {
    expect
      .soft(longestGap(attempts), `nobody waits in between either: ${JSON.stringify(attempts)}`)
      .toBeLessThan(AT_ONCE)
  }
  expect(
    await tab.run(async () => {
      const { socket, received, resets, when } = window.app
      socket.send('still here')
      await when('it still works', () => received.length > 1)
      return [received, resets]
    }),
  ).toEqual([['hello', 'still here'], []])
}

for (const scenario of [...SCENARIOS, ...MORE_SCENARIOS]) {
  test(
    `${scenario.name}: the first message is there at once, on a first visit and on the next`,
    { tag: scenario.main ? [] : ['@matrix'] },
    async ({ network, tab }) => {
      network.set(scenario.faults)
      await test.step('a first visit', async () => {
        await tab.goto(`${network.url}/`)
        await expectUsable(tab, network, scenario)
      })
      await test.step('a visit that remembers the first', async () => {
        network.clear()
        network.set(scenario.faults)
        await tab.reload()
        await expectUsable(tab, network, scenario)
      })
    },
  )
}
