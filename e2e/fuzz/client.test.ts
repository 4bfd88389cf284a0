/**
 * The client's reading side, on a server that says anything: the client does not throw, does not ask without end, and ends its
 * session or works again once the server behaves. `FUZZ_SECONDS` says for how long, `FUZZ_SEED` with which seed.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RungsError } from '../../src/error.ts'
import { settled } from '../../test/support/browser.ts'
import { createDice, type Dice } from './dice.mjs'
import { HELLO } from '../../test/support/session.ts'
import { hostileNetwork, type Words } from './hostile-network.ts'
import { mutated } from './mutate.mjs'
import { packetDown } from './packets.mjs'

const { FUZZ_SEED, FUZZ_SECONDS } = process.env
const seconds = Number(FUZZ_SECONDS ?? 0)

/** Milliseconds of the clock from one look to the next. */
const STEP = 10
/** Carriers and requests in ten seconds, of all transports together: what a client may open that is answered in 20 ms. */
const MOST_IN_TEN_SECONDS = 300
/** Milliseconds of the clock in which a client is well again: attempts grow rare while they fail. */
const RECOVERY = 120_000

const TRANSPORTS = [
  ['websocket'],
  ['sse'],
  ['long-poll'],
  ['short-poll'],
  ['websocket', 'sse', 'long-poll', 'short-poll'],
]

/** An honest beginning: a client that was told no epoch believes whoever speaks first. */
const BEGINNING = JSON.stringify({ hello: HELLO, ack: [0, 0, 0], ready: 1 })

/** Some texts that a server says over and over behind its beginning, each drawn from a seed. */
function wordsOf(
  seeds: readonly number[],
  beginning: readonly string[] = [],
): Words & { readonly texts: readonly string[] } {
  const self = { key: '', t: 1, next: 1 }
  const textOf = (dice: Dice): string =>
    dice.oneIn(10)
      ? dice.pick(['', '{}', '[]', 'null', '<html>', '{"message":"Forbidden"}'])
      : mutated(dice, packetDown(dice, self))
  const texts = seeds.map((seed) => textOf(createDice(seed)))
  const first = [...beginning]
  let turn = 0
  return { texts, say: () => first.shift() ?? texts[turn++ % texts.length]! }
}

const runs: fc.Parameters<[number[], number]> = {
  ...(FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) }),
  ...(seconds > 0
    ? {
        numRuns: 1e9,
        interruptAfterTimeLimit: (seconds * 1_000) / 2,
        markInterruptAsFailure: false,
      }
    : { numRuns: 40 }),
}
const timeout = 60_000 + seconds * 2_000

const seeds = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })

/** News in an answer is a reason to ask again at once: volatile messages have no numbers by which they could be old. */
const isNews = (text: string): boolean => text.includes('"volatile":[[')

test(
  'whatever a server says, the client throws nothing and asks no more than so often',
  async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.nat(TRANSPORTS.length - 1), async (all, pick) => {
        const words = wordsOf(all)
        const { socket, clock, opened } = hostileNetwork(words, TRANSPORTS[pick]!)
        for (let tens = 0; tens < 3 && socket.state !== 'closed'; tens++) {
          const before = opened()
          for (let ms = 0; ms < 10_000; ms += STEP) {
            clock.advance(STEP)
            if (ms % 100 === 0) await settled()
          }
          if (words.texts.some(isNews)) continue
          expect(opened() - before, words.texts.join('\n').slice(0, 2_000)).toBeLessThan(
            MOST_IN_TEN_SECONDS,
          )
        }
        socket.close()
        await settled()
      }),
      runs,
    )
  },
  timeout,
)

test(
  'once the server behaves, the client works again, unless its session has ended',
  async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.nat(TRANSPORTS.length - 1), async (all, pick) => {
        const words = wordsOf(all, [BEGINNING])
        // A server may send its clients away for as long as it likes.
        fc.pre(!words.texts.some((text) => text.includes('"retryAfter"')))
        const network = hostileNetwork(words, TRANSPORTS[pick]!)
        const { socket, clock, server, behave } = network
        socket.send('before')
        for (let ms = 0; ms < 3_000; ms += STEP) {
          clock.advance(STEP)
          if (ms % 100 === 0) await settled()
        }
        behave()
        const send = (): void => {
          try {
            socket.send('after')
          } catch (error) {
            // The last hello may have allowed less; the next one is honest.
            if (!(error instanceof RungsError)) throw error
          }
        }
        const isWell = (): boolean =>
          socket.state === 'closed' || server.core.handled.includes('after')
        for (let ms = 0; ms < RECOVERY && !isWell(); ms += STEP) {
          // A reset hands back what was under way.
          if (ms % 5_000 === 0) send()
          clock.advance(STEP)
          if (ms % 100 === 0) await settled()
        }
        expect(isWell(), words.texts.join('\n').slice(0, 2_000)).toBe(true)
        socket.close()
        await settled()
      }),
      runs,
    )
  },
  timeout,
)
