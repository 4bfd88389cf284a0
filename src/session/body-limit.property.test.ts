/** Messages that go up in requests whose bodies a box on the way limits: they arrive once, whatever the limit. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { HELLO } from '../../test/support/session.ts'
import { addPart, byteLength, isPart, type Entry } from '../protocol.ts'

/** A server behind a box: the texts that arrived whole, and bodies that were refused. */
function behindBox(limit: number, status: number, texts: readonly string[]) {
  const { send, exchanges, requests, ends } = exchangesUnderTest()
  const arrived: string[] = []
  let refused = 0
  let partial: ReturnType<typeof addPart> | undefined
  const take = (entry: Entry): void => {
    if (!isPart(entry)) return void arrived.push(entry[0] as string)
    partial = addPart(typeof partial === 'object' ? partial : undefined, entry)
    if (typeof partial === 'string') throw new Error(partial)
    if (partial.length < partial.size) return
    arrived.push(JSON.parse(partial.pieces.join('')) as string)
    partial = undefined
  }
  const answer = (index: number): void => {
    const request = requests[index]!
    const { body, up } = request
    if (byteLength(body) > limit) {
      refused++
      return request.answer('<h1>too large</h1>', status)
    }
    const [first = 1, entries = []] = up.batch ?? []
    entries.forEach((entry, at) => first + at === arrived.length + 1 && take(entry))
    const length = typeof partial === 'object' ? partial.length : 0
    const count = arrived.length
    request.answer({ hello: HELLO, ack: [count, count, 0, length], ready: 1 })
  }
  // The first exchange of a carrier: a poll.
  exchanges.post({ fields: { answer: '"now"' }, withMessages: true, onAnswer: exchanges.flush })
  texts.forEach((text) => send(text))
  exchanges.flush()
  for (let index = 0; index < requests.length && index < 3_000; index++) answer(index)
  return { arrived, refused, ends }
}

const texts = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer({ min: 1, max: 20_000 }).map((length) => 'x"\u00e9'.repeat(length)),
  ),
  { maxLength: 8 },
)

test('any limit from 2 KB on passes everything once, in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2_048, max: 200_000 }), texts, (limit, all) => {
      for (const status of [413, 403, 400]) {
        const { arrived, refused, ends } = behindBox(limit, status, all)
        expect(arrived).toEqual(all)
        expect(ends).toEqual([])
        // Halves from 60,000 bytes on.
        expect(refused).toBeLessThanOrEqual(6)
      }
    }),
    { numRuns: 60 },
  )
})

test('below 2 KB large messages wait, and what comes down goes on', () => {
  const { arrived, ends } = behindBox(1_500, 413, ['x'.repeat(30_000), 'small'])
  expect([arrived, ends]).toEqual([[], []])
})
