import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chaos } from '../../test/support/chaos.ts'
import { manualClock, type ManualClock } from '../../test/support/clock.ts'
import { modelCore, realCore, type Core, type CoreEvents } from '../../test/support/core.ts'
import { testServer } from '../../test/support/server.ts'
import { steps, textOf } from '../../test/support/steps.ts'

/** How often each property is tried: `RUNS=2000 npx vitest run src/session.property` for a long look. */
const numRuns = Number(process.env['RUNS'] ?? 150)
/** Milliseconds, on a machine that has other things to do. */
const timeout = 400 * numRuns

/** How a server refuses what comes too late. */
const LATE = ['superseded', 'taken']

type MakeCore = (on: CoreEvents, clock: ManualClock) => Core

const SERVERS: readonly [string, MakeCore][] = [
  ['a model of the server', (on) => modelCore(on)],
  [
    'the store, the intake and the handler queue of the server',
    (on, clock) => realCore(on, clock.now),
  ],
]

function setUp(makeCore: MakeCore) {
  const clock = manualClock()
  const server = testServer((on) => makeCore(on, clock))
  return { server, client: chaos(clock, server) }
}

test.each(SERVERS)(
  'whatever the network does, messages arrive exactly once and in order at both ends, with %s',
  async (_, makeCore) => {
    await fc.assert(
      fc.asyncProperty(steps(), async (all) => {
        const { server, client } = setUp(makeCore)
        await client.run(all)
        await client.heal()
        expect(server.core.handled.map(textOf)).toEqual(client.sentUp.map(textOf))
        expect(client.got.map(textOf)).toEqual(client.sentDown.map(textOf))
        const { bufferedBytes, unsentCount, messages } = client.session().outbox
        expect([bufferedBytes, unsentCount, messages.length, server.unacknowledged()]).toEqual([
          0, 0, 0, 0,
        ])
        expect(client.lost).toEqual([])
        // Only late requests are refused: of what was given up, or of the page before.
        const refusals = server.refusals.filter((type) => !LATE.includes(type))
        expect(refusals).toEqual([])
      }),
      { numRuns },
    )
  },
  timeout,
)

test.each(SERVERS)(
  'when the server ends sessions, nothing is lost in silence, repeated or called unsent that was delivered, with %s',
  async (_, makeCore) => {
    await fc.assert(
      fc.asyncProperty(steps({ 'the server forgets': 3 }), async (all) => {
        const { server, client } = setUp(makeCore)
        await client.run(all)
        await client.heal()
        const handled = server.core.handled.map(textOf)
        const unsent = client.unsent.map(textOf)
        const known = new Set([...handled, ...unsent, ...client.inDoubt.map(textOf)])
        expect(unsent.filter((text) => handled.includes(text))).toEqual([])
        expect(client.sentUp.map(textOf).filter((text) => !known.has(text))).toEqual([])
        // What was handled is what was sent, in order, without what was not.
        expect(client.sentUp.map(textOf).filter((text) => handled.includes(text))).toEqual(handled)
        const got = client.got.map(textOf)
        expect(client.sentDown.map(textOf).filter((text) => got.includes(text))).toEqual(got)
      }),
      { numRuns },
    )
  },
  timeout,
)

test(
  'a server that forgets even what it has ended never makes a delivered message unsent',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps({ 'the server forgets': 3 }), async (all) => {
        const { server, client } = setUp((on) => modelCore(on, true))
        await client.run(all)
        await client.heal()
        const handled = new Set(server.core.handled.map(textOf))
        expect(client.unsent.map(textOf).filter((text) => handled.has(text))).toEqual([])
      }),
      { numRuns },
    )
  },
  timeout,
)
