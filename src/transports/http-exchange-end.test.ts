import { describe, expect, test, vi } from 'vitest'
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

  test('says goodbye with a beacon, which outlives the page and takes along what is not accepted', () => {
    const { exchanges, requests, network, send } = exchangesUnderTest()
    send('a')
    exchanges.flush()
    send('b')
    exchanges.close('[0]')
    expect(network.beacons).toMatchObject([{ bye: [0], batch: [1, [['a'], ['b']]] }])
    expect(requests.length).toBe(1)
  })

  test('says goodbye with a request where the browser takes no beacon', () => {
    const { network, exchanges, requests } = exchangesUnderTest()
    network.takesBeacons = false
    exchanges.close('[10]')
    expect(requests.map((request) => request.up.bye)).toEqual([[10]])
  })

  test('says goodbye in an engine that has no beacons', () => {
    const { exchanges, requests } = exchangesUnderTest()
    vi.stubGlobal('navigator', {})
    exchanges.close('[0]')
    expect(requests.map((request) => request.up.bye)).toEqual([[0]])
  })

  test('says goodbye in its own way too where there is one, for a policy may forbid the beacon', () => {
    const posted: string[] = []
    const { exchanges, network } = exchangesUnderTest((_, { text }) => {
      posted.push(text)
      return ignore
    })
    exchanges.close('[0]')
    expect([network.beacons.length, posted.map((body) => up(body).bye)]).toEqual([1, [[0]]])
  })

  test('happens once', () => {
    const { exchanges, network } = exchangesUnderTest()
    exchanges.close('[0]')
    exchanges.close('[0]')
    expect(network.beacons.length).toBe(1)
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
