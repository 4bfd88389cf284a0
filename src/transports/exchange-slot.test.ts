import { expect, test } from 'vitest'
import { exchangesUnderTest } from '../../test/support/exchanges.ts'
import { openStream } from './exchange.ts'

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
