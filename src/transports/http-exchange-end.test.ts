import { describe, expect, test } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { ack, up } from '../../test/support/session.ts'
import { openStream } from './http-exchange.ts'

const ignore = (): void => {}

describe('closing', () => {
  test('aborts what is in flight, and nothing is heard of it any more', () => {
    const { exchanges, requests, packets, ends, send } = exchangesUnderTest()
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('the carrier is closed'),
    })
    exchanges.close()
    requests[0]!.answer(ack(0))
    requests[0]!.breaks()
    send('a')
    exchanges.flush()
    exchanges.fail('late')
    expect(requests.map(({ aborted }) => aborted)).toEqual([true])
    expect([packets, ends]).toEqual([[], []])
  })

  test('a carrier that closes on a packet makes no further exchange', () => {
    const { exchanges, requests, send } = exchangesUnderTest()
    send('a')
    exchanges.flush()
    send('b')
    exchanges.post({
      fields: {},
      withMessages: false,
      onAnswer: () => expect.unreachable('the carrier is closed'),
    })
    exchanges.close()
    for (const request of requests) request.answer(ack(0))
    expect(requests.length).toBe(2)
  })

  test('leaves the goodbye to a request that outlives the page', () => {
    const { exchanges, requests, network, send } = exchangesUnderTest()
    send('a')
    exchanges.flush()
    expect(exchanges.close('[0]')).not.toBe(true)
    expect([network.beacons, requests.length]).toEqual([[], 1])
  })

  test('says goodbye in its own way too where there is one, for a policy may forbid other requests', () => {
    const posted: string[] = []
    const { exchanges, send } = exchangesUnderTest((_, { text }) => {
      posted.push(text)
      return ignore
    })
    send('a')
    exchanges.flush()
    send('b')
    expect(exchanges.close('[0]')).not.toBe(true)
    expect(posted.slice(1).map(up)).toMatchObject([{ bye: [0], batch: [1, [['a'], ['b']]] }])
  })

  test('happens once', () => {
    const posted: string[] = []
    const { exchanges } = exchangesUnderTest((_, { text }) => {
      posted.push(text)
      return ignore
    })
    exchanges.close('[0]')
    exchanges.close('[0]')
    expect(posted.length).toBe(1)
  })
})

describe('a stream', () => {
  function streaming() {
    const all = exchangesUnderTest()
    const opened: string[] = []
    let ended = 0
    const carrier = openStream(all.link, all.events, 'sse', (ticket) => {
      opened.push(ticket)
      return () => void ended++
    })
    return { ...all, carrier, opened, ended: () => ended }
  }

  test('is opened with the ticket that an exchange got, which carries messages at once', () => {
    const { send, requests, opened, carrier } = streaming()
    expect(requests[0]!.up).toMatchObject({ stream: 'sse' })
    send('a')
    carrier.flush()
    expect(requests.length).toBe(1)
    requests[0]!.answer({ ...ack(0), ticket: 'T' })
    expect([opened, requests[1]!.up.batch]).toEqual([['T'], [1, [['a']]]])
    carrier.close()
  })

  test('fails without a ticket', () => {
    const { requests, ends, opened } = streaming()
    requests[0]!.answer(ack(0))
    expect([ends, opened]).toEqual([['no-ticket'], []])
  })

  test('ends with its carrier', () => {
    const { requests, carrier, ended } = streaming()
    requests[0]!.answer({ ...ack(0), ticket: 'T' })
    carrier.close()
    expect(ended()).toBe(1)
  })

  test('a stream that was closed before its ticket came is never opened', () => {
    const { requests, carrier, opened } = streaming()
    carrier.close()
    requests[0]!.answer({ ...ack(0), ticket: 'T' })
    expect(opened).toEqual([])
  })
})
