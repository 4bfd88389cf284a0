import { expect, test } from 'vitest'
import { ack, sessionUnderTest } from '../test/support/session.ts'

test('a batch that brings all that the server has named is no stall, though it carries no acknowledgement', () => {
  const { session, clock } = sessionUnderTest()
  session.take(ack(0, 0, 1), 10)
  expect(session.doubt(Infinity, 0)).toEqual([clock.now() + 1_000, 'stalled'])
  session.take({ batch: [1, [['what was named']]] }, 10)
  expect(session.doubt(Infinity, 0)).toEqual([Infinity, 'silent'])
})
