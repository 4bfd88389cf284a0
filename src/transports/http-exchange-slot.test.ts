import { expect, onTestFinished, test, vi } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { ack } from '../../test/support/session.ts'
import { openStream } from './http-exchange.ts'

test('of two exchanges in flight one carries messages up, also when a slot for the stream comes late', () => {
  const { link, events, requests, send } = exchangesUnderTest()
  const grants: (() => void)[] = []
  const request = (_: string, __: object, granted: (lock: object) => void): Promise<void> =>
    new Promise((resolve) => {
      grants.push(() => resolve(granted({})))
    })
  Object.assign(navigator, { locks: { request } })

  const carrier = openStream(link, events, 'sse', () => () => {})
  send('first')
  carrier.flush()
  send('second')
  grants.forEach((grant) => grant())
  expect(requests.map(({ up }) => [up.stream, up.batch])).toEqual([
    [undefined, [1, [['first']]]],
    ['sse', undefined],
  ])
})

test('without locks the stream is ended before the next one is asked for: others wait for its connection', () => {
  vi.stubGlobal('navigator', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  const { link, events, requests, clock } = exchangesUnderTest()
  const told: string[] = []
  openStream(link, events, 'sse', (ticket) => {
    told.push(`opened ${ticket}`)
    return () => told.push('ended')
  })
  requests[0]!.answer({ ...ack(0), ticket: 'first' })
  clock.advance(25_000)
  expect([told, requests.length]).toEqual([['opened first', 'ended'], 2])
  requests[1]!.answer({ ...ack(0), ticket: 'second' })
  expect(told.slice(-1)).toEqual(['opened second'])
})
