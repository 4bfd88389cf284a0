import { expect, test } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { HELLO, URL } from '../../test/support/session.ts'
import { byteLength } from '../protocol.ts'
import { createExchanges, type Exchanges } from '../transports/http-exchange.ts'
import { createBodyLimit, type SentBody } from './body-limit.ts'

/** Milliseconds that a message waits for another way. */
const OTHER_WAY = 10_000

const body = (bytes: number, messages = 1): SentBody => ({ bytes, messages, takeBack() {} })

test('a body that is too large is halved, down to 2 KB, to one message and to none', () => {
  const changes: number[] = []
  const limit = createBodyLimit(Infinity, () => changes.push(limit.bytes))
  expect(limit.refuse(body(9_000, 9), 413)).toBe(true)
  expect(limit.refuse(body(4_500, 4), 403)).toBe(true)
  expect(limit.refuse(body(2_250, 3), 400)).toBe(true)
  expect([limit.refuse(body(2_048, 2), 413), limit.isSingle]).toEqual([true, true])
  expect(limit.refuse(body(1_048), 413)).toBe(true)
  expect(changes).toEqual([4_500, 2_250, 2_048, 0])
})

test('a connection that breaks once is an accident, and twice in a row a limit for the next carrier', () => {
  const limit = createBodyLimit()
  expect([limit.refuse(body(9_000), 0), limit.bytes]).toEqual([false, Infinity])
  limit.pass(9_000)
  expect([limit.refuse(body(9_000), 0), limit.bytes]).toEqual([false, Infinity])
  expect([limit.refuse(body(9_000), 0), limit.bytes]).toEqual([false, 4_500])
})

test('a box that refuses bodies without messages, too, or for another reason, has no limit', () => {
  const limit = createBodyLimit()
  expect([limit.refuse(body(9_000), 502), limit.bytes]).toEqual([false, Infinity])
  limit.refuse(body(1_000), 403)
  expect([limit.bytes, limit.isConfirmed]).toEqual([0, false])
  limit.refuseBare()
  expect(limit.bytes).toBe(Infinity)
})

test('what was learned before counts until the network changes', () => {
  const limit = createBodyLimit(8_000)
  expect(limit.bytes).toBe(8_000)
  limit.forget()
  expect(limit.bytes).toBe(Infinity)
})

/** An exchange that sends messages through a box, which answers bodies above a limit, and perhaps all of them, with a status. */
function throughBox(limit: number, status: number) {
  const test = exchangesUnderTest()
  const { requests, clock, session, events } = test
  const bodyLimit = createBodyLimit()
  const open = (): Exchanges =>
    createExchanges(session.openLink({ url: URL, credentials: false, bodyLimit }), events)
  let exchanges = open()
  let answered = 0
  const arrived: unknown[] = []
  /** Answers all requests, which the answers make more of. */
  const settle = (): void => {
    for (; answered < requests.length; answered++) {
      if (answered > 200) throw new Error('requests without end')
      const request = requests[answered]!
      const { body, up } = request
      if (byteLength(body) > limit) {
        request.answer('<h1>refused</h1>', status)
        continue
      }
      for (const entry of up.batch?.[1] ?? []) arrived.push(entry[0])
      request.answer({ hello: HELLO, ack: [arrived.length, arrived.length, 0], ready: 1 })
    }
  }
  const exchange = (): void =>
    exchanges.post({ fields: { answer: '"now"' }, withMessages: true, onAnswer: exchanges.flush })
  return {
    ...{ ...test, arrived },
    exchange,
    post(): void {
      exchange()
      settle()
    },
    /** Closes the carrier, whose request is aborted, and opens another one. */
    reopen(): void {
      exchanges.close()
      answered = requests.length
      exchanges = open()
    },
    wait(ms: number): void {
      clock.advance(ms)
      exchanges.flush()
      settle()
    },
  }
}

test.each([413, 403, 400])(
  'a message of which no part passes comes back, those that pass go on (%i)',
  (status) => {
    const { send, post, wait, arrived, refused, ends, session } = throughBox(1_200, status)
    send('small', 'x'.repeat(30_000), 'also small', 'y'.repeat(5_000), 'last')
    post()
    wait(OTHER_WAY - 1)
    expect([arrived, refused]).toEqual([['small'], []])
    wait(1)
    expect(refused).toEqual([
      {
        data: ['x'.repeat(30_000), 'y'.repeat(5_000)].map((text) => JSON.stringify(text)),
        first: 2,
        bytes: expect.any(Number) as number,
      },
    ])
    expect(refused[0]!.bytes).toBeLessThanOrEqual(2_048)
    expect([arrived, ends]).toEqual([['small', 'also small', 'last'], []])
    expect(session.outbox).toMatchObject({ lastSequence: 3, bufferedBytes: 0, unsentCount: 0 })
  },
)

test('messages that are too large together go one by one', () => {
  const { send, post, arrived, refused } = throughBox(1_000, 413)
  const texts = [1, 2, 3, 4, 5, 6].map((name) => String(name).repeat(300))
  send(...texts)
  post()
  expect([arrived, refused]).toEqual([texts, []])
})

test('a message that another carrier was given is in doubt, and does not come back', () => {
  const { send, post, wait, refused, session } = throughBox(1_200, 413)
  send('x'.repeat(1_500))
  session.openLink({ url: URL, credentials: false }).nextFrame()
  post()
  wait(OTHER_WAY)
  wait(OTHER_WAY)
  expect([refused, session.outbox.unsentCount]).toEqual([[], 0])
})

test('what was on its way when its carrier was closed comes back, too, if it was larger than what was refused', () => {
  const { send, post, wait, refused, reopen, exchange } = throughBox(1_200, 413)
  send('x'.repeat(9_000))
  exchange()
  reopen()
  post()
  wait(OTHER_WAY)
  expect(refused).toMatchObject([{ first: 1 }])
})

test('no receipt is owed for what a box has refused', () => {
  const { send, post, session } = throughBox(1_200, 413)
  send('x'.repeat(1_500))
  post()
  expect(session.outbox).toMatchObject({ unsentCount: 1, receiptOwedSince: Infinity })
})

test('where not even a body without messages passes, its exchange fails, and nothing comes back', () => {
  const { send, post, wait, refused, ends, requests } = throughBox(0, 403)
  send('x'.repeat(9_000))
  post()
  expect(ends).toEqual(['http-403'])
  // Halves of 9 KB, down to 2 KB and to none.
  expect(requests.length).toBeLessThanOrEqual(5)
  wait(OTHER_WAY)
  expect(refused).toEqual([])
})
