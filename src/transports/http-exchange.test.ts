import { describe, expect, test } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { HELLO, URL, ack } from '../../test/support/session.ts'
import { BINARY, type Down } from '../protocol.ts'

const ignore = (): void => {}

describe('an exchange', () => {
  test('is a simple request: a POST whose body is one packet', () => {
    const { exchanges, requests } = exchangesUnderTest()
    exchanges.post({ fields: { answer: '"now"' }, withMessages: false, onAnswer: ignore })
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: URL,
      withCredentials: false,
      up: { attach: { t: 1 }, ack: [0, ''], answer: 'now' },
    })
  })

  test('carries messages where it is meant to', () => {
    const { exchanges, requests, send } = exchangesUnderTest()
    send('a', new Uint8Array([1]))
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    exchanges.post({ fields: {}, withMessages: true, onAnswer: ignore })
    expect(requests.map((request) => request.up.batch)).toEqual([
      undefined,
      [1, [['a'], ['AQ==', 0, BINARY]]],
    ])
  })

  test('hands its answer to the carrier first, and then to whoever asked', () => {
    const { exchanges, requests, packets } = exchangesUnderTest()
    const heard: unknown[] = []
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: (down) => heard.push(down, packets.length),
    })
    requests[0]!.answer(ack(0))
    expect(heard).toEqual([ack(0), 1])
  })

  test('has patience with large bodies and slow links', () => {
    const { exchanges, requests, send, session } = exchangesUnderTest()
    session.receive({ hello: { ...HELLO, heartbeat: 20_000 } }, 10)
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    expect(requests[0]!.timeout).toBeGreaterThan(30_000)
    expect(requests[0]!.timeout).toBeLessThan(31_000)
    send('x'.repeat(16_000))
    exchanges.post({ fields: {}, withMessages: true, onAnswer: ignore })
    expect(requests[1]!.timeout).toBeGreaterThan(30_000 + 16_000 / 8)
  })

  test('asks for less where answers take long, or are cut off', () => {
    const { exchanges, requests, clock } = exchangesUnderTest()
    const post = () => {
      exchanges.post({
        ...{ fields: { answer: '"now"' }, withMessages: false },
        ...{ onAnswer: ignore, onFailure: ignore },
      })
      return requests.at(-1)!
    }
    const slow = post()
    expect(slow.up.attach).not.toHaveProperty('maxBatch')
    slow.progresses()
    clock.advance(4_000)
    slow.answer({ ...ack(0, 0, 1), batch: [1, [['x'.repeat(59_000)]]] })
    const cut = post()
    expect(cut.up.attach.maxBatch).toBe(30_000)
    cut.progresses()
    clock.advance(4_000)
    cut.breaks()
    expect(post().up.attach.maxBatch).toBe(15_000)
  })

  test('is wanted until it is answered, or for as long as its stream lives', () => {
    const { exchanges, requests } = exchangesUnderTest()
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    exchanges.post({ fields: { stream: '"sse"' }, withMessages: false, onAnswer: ignore })
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    for (const request of requests) request.answer(ack(0))
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    expect(requests.map(({ up: { attach } }) => [attach.t, attach.want])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
    ])
  })

  test('ends the carrier if its server is not reached, or takes too long', () => {
    const { exchanges, requests, ends } = exchangesUnderTest()
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('there was no answer'),
    })
    requests[0]!.breaks()
    expect(ends).toEqual(['unreachable'])
  })

  test.each([
    ['a page of a hotel', '<html>Log in</html>', 200, 'http-200'],
    ['an error of a proxy', '', 502, 'http-502'],
    ['an error of a gateway that speaks JSON', '{"message":"Forbidden"}', 403, 'http-403'],
    ['nothing at all', 'null', 200, 'http-200'],
  ])('ends the carrier if it is answered with %s', (_, text, status, reason) => {
    const { exchanges, requests, ends, packets } = exchangesUnderTest()
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('this was no answer of a server'),
    })
    requests[0]!.answer(text, status)
    expect([ends, packets]).toEqual([[reason], []])
  })

  test.each([203, 404, 502])('counts by its packet, whatever its status is: %i', (status) => {
    const { exchanges, requests, packets, ends } = exchangesUnderTest()
    const heard: Down[] = []
    exchanges.post({ fields: {}, withMessages: false, onAnswer: (down) => heard.push(down) })
    requests[0]!.answer(ack(0), status)
    expect([heard, packets, ends]).toEqual([[ack(0)], [ack(0)], []])
  })

  test.each([
    ['an empty packet', {}],
    ['messages', { batch: [1, [['a']]] } as Down],
    ['a ticket', { ticket: 'T' }],
  ])('with %s and no acknowledgement ends the carrier, and nothing of it counts', (_, down) => {
    const { exchanges, requests, packets, ends } = exchangesUnderTest()
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('this was no answer of a server'),
    })
    requests[0]!.answer(down)
    expect([packets, ends, requests.length]).toEqual([[], ['malformed'], 1])
  })

  test('without an acknowledgement ends the carrier, because its sender is no server of ours', () => {
    const { exchanges, requests, ends } = exchangesUnderTest()
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('this was no answer of a server'),
    })
    requests[0]!.answer({})
    expect(ends).toEqual(['malformed'])
  })

  test('an exchange that was refused says so with its packet', () => {
    const { exchanges, requests, packets, ends } = exchangesUnderTest()
    exchanges.post({ fields: {}, withMessages: false, onAnswer: ignore })
    const end: Down = { end: ['forbidden', 'not yours', 'reset'] }
    requests[0]!.answer(end, 403)
    expect([packets, ends]).toEqual([[end], []])
  })
})

describe('sending', () => {
  test('one exchange that carries messages is in flight; what is sent meanwhile goes into the next', () => {
    const { exchanges, requests, send } = exchangesUnderTest()
    send('a')
    exchanges.flush()
    send('b')
    exchanges.flush()
    send('c')
    exchanges.flush()
    expect(requests.length).toBe(1)
    requests[0]!.answer(ack(1))
    expect(requests.map((request) => request.up.batch)).toEqual([
      [1, [['a']]],
      [2, [['b'], ['c']]],
    ])
    requests[1]!.answer(ack(3))
    expect(requests.length).toBe(2)
  })

  test('messages wait for the exchange that carries some, whoever made that', () => {
    const { exchanges, requests, send } = exchangesUnderTest()
    send('a')
    exchanges.post({
      fields: { answer: '"now"' },
      withMessages: true,
      onAnswer: () => exchanges.flush(),
    })
    send('b')
    exchanges.flush()
    expect(requests.length).toBe(1)
    requests[0]!.answer(ack(1))
    expect(requests[1]!.up.batch).toEqual([2, [['b']]])
  })

  test('an exchange that waits for messages down holds nothing up', () => {
    const { exchanges, requests, send } = exchangesUnderTest()
    exchanges.post({ fields: { answer: '"wait"' }, withMessages: false, onAnswer: ignore })
    send('a')
    exchanges.flush()
    expect(requests[1]!.up.batch).toEqual([1, [['a']]])
  })

  test('nothing goes out while there is nothing to send', () => {
    const { exchanges, requests } = exchangesUnderTest()
    exchanges.flush()
    expect(requests).toEqual([])
  })
})

test('binary in a packet of text is decoded, numbered or volatile', () => {
  const text = `{"batch":[1,[["AQ==",0,${BINARY}]]],"volatile":[["Ag==",0,${BINARY}]]}`
  const { exchanges, packets } = exchangesUnderTest()
  exchanges.handleEvent(text)
  expect(packets.length).toBe(1)
  expect(packets[0]!.batch?.[1][0]![0]).toEqual(new Uint8Array([1]))
  expect(packets[0]!.volatile?.[0]![0]).toEqual(new Uint8Array([2]))
})
