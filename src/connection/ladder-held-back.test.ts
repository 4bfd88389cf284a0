/** Boxes on the way that hold back the beginning of a stream, until padding pushes it through. */
import { expect, test } from 'vitest'
import { ladderOf, type Give, type LadderUnderTest } from '../../test/support/ladder.ts'
import { HELLO } from '../../test/support/session.ts'
import { opensAfter, type Attempt, type Script } from '../../test/support/transports.ts'
import type { NetworkNeeds } from '../session/link.ts'
import { ladder as createLadder } from './ladder.ts'
import type { CreateStrategy } from './strategy.ts'

/** The answer with the ticket comes beside the stream, of which nothing comes. */
const getsTicket: Script = ({ on, link }) =>
  void link.clock.after(20, () =>
    on.packet({ hello: HELLO, ack: [0, 0, 0], ticket: 'x' }, 10, true),
  )

/** A ladder whose stream proves itself if so many bytes of padding were asked for. */
function behindBox(
  needed: number,
  learned: NetworkNeeds = {},
): LadderUnderTest & { readonly asked: number[] } {
  const asked: number[] = []
  const sse = (attempt: Attempt): void => {
    getsTicket(attempt)
    const { pad = 0 } = attempt.link as unknown as NetworkNeeds
    asked.push(pad)
    if (pad >= needed) opensAfter(50)(attempt)
  }
  const create: CreateStrategy = (clock, on, server, memory) =>
    createLadder(clock, on, server, {
      ...memory!,
      load: () => ({ cooldowns: {}, rtt: 0, ...learned }),
    })
  const give: Give = (use, _, needs) => use(Object.assign(test.link(), needs))
  const test = ladderOf({ sse, 'long-poll': opensAfter(40) }, give, create)
  return Object.assign(test, { asked })
}

test('a stream of which nothing comes is tried again at once, with padding', () => {
  const { ladder, transports, clock, asked, changes, known } = behindBox(2_048)
  ladder.setTransports(transports)
  clock.advance(5_500)
  expect(asked).toEqual([0, 2_048])
  expect(changes.at(-1)).toBe('sse: preferred')
  expect(known).toMatchObject({ cooldowns: {}, pad: 2_048 })
})

test('a stream that padding does not push through is asked for with more of it, and then cools down', () => {
  const { ladder, transports, clock, asked, known } = behindBox(Infinity)
  ladder.setTransports(transports)
  clock.advance(16_000)
  expect(asked).toEqual([0, 2_048, 4_096])
  expect(known.cooldowns.sse).toMatchObject({ failures: 1 })
})

test('padding that was learned is asked for by the first stream of the next page, until the network changes', () => {
  const { ladder, transports, clock, asked, last } = behindBox(0, { pad: 2_048 })
  ladder.setTransports(transports)
  clock.advance(100)
  ladder.onNetworkChange()
  last('sse').fail('stream-ended')
  clock.advance(1_000)
  expect(asked).toEqual([2_048, 0])
})

test('a transport gets a link that asks for packets of its size', () => {
  const sizes: unknown[] = []
  const give: Give = (use, _, { maxPacketDown }) => {
    sizes.push(maxPacketDown)
    use(test.link())
  }
  const test = ladderOf({ 'forever-iframe': opensAfter(50), 'short-poll': opensAfter(40) }, give)
  const [frame, poll] = test.transports
  test.ladder.setTransports([{ ...frame!, maxPacketDown: 8_192 }, poll!])
  test.clock.advance(5_000)
  expect(new Set(sizes)).toEqual(new Set([8_192, undefined]))
})

test('a stream that brings its first packet, and not the second, is not held back at its beginning', () => {
  const { ladder, transports, clock, asked, last } = behindBox(Infinity)
  ladder.setTransports(transports)
  clock.advance(30)
  last('sse').hear({ ack: [0, 0, 0] })
  clock.advance(5_000)
  expect(asked).toEqual([0])
})
