import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modelCore, realCore, type Core, type CoreEvents } from '../test/support/core.ts'
import { textOf } from '../test/support/steps.ts'
import { gusts, storm } from '../test/support/storm.ts'

/** How often each property is tried: `RUNS=2000 npx vitest run src/client.property` for a long look. */
const numRuns = Number(process.env['RUNS'] ?? 100)
/** Milliseconds, on a machine that has other things to do. */
const timeout = 600 * numRuns

const SERVERS: readonly [string, (on: CoreEvents, now: () => number) => Core][] = [
  ['a model of the server', (on) => modelCore(on)],
  ['the store, the intake and the handler queue of the server', realCore],
]

test.each(SERVERS)(
  'whatever carries, messages arrive exactly once and in order at both ends, with %s',
  async (_, makeCore) => {
    await fc.assert(
      fc.asyncProperty(gusts(false), async (all) => {
        const { socket, server, blow, calm, ...heard } = storm(makeCore)
        await blow(all)
        await calm()
        expect(server.core.handled.map(textOf)).toEqual(heard.sentUp.map(textOf))
        expect(heard.got.map(textOf)).toEqual(heard.sentDown.map(textOf))
        expect([socket.state, socket.bufferedAmount, heard.resets]).toEqual(['open', 0, []])
        await expect(socket.drained()).resolves.toBeUndefined()
        socket.close()
      }),
      { numRuns },
    )
  },
  timeout,
)

test.each(SERVERS)(
  'every message is delivered, or handed back, and none is called unsent that is delivered, with %s',
  async (_, makeCore) => {
    await fc.assert(
      fc.asyncProperty(gusts(true), async (all) => {
        const { socket, server, blow, arriveAll, ...heard } = storm(makeCore)
        await blow(all)
        socket.close()
        await arriveAll()
        const handled = server.core.handled.map(textOf)
        const unsent = heard.unsent.map(({ data }) => textOf(data))
        const known = new Set([
          ...handled,
          ...unsent,
          ...heard.inDoubt.map(({ data }) => textOf(data)),
        ])
        expect(unsent.filter((text) => handled.includes(text))).toEqual([])
        expect(heard.sentUp.map(textOf).filter((text) => !known.has(text))).toEqual([])
        expect(new Set(handled).size).toBe(handled.length)
      }),
      { numRuns },
    )
  },
  timeout,
)
