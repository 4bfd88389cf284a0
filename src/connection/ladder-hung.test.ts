import { expect, test } from 'vitest'
import { climbing } from '../../test/support/ladder.ts'
import { failsAfter, opensAfter } from '../../test/support/transports.ts'

const mute = (): void => {}

test('when what carries ends, the next begins at once, though a better one still hangs', () => {
  const { clock, changes, last } = climbing({
    websocket: mute,
    sse: opensAfter(10),
    'long-poll': opensAfter(10),
  })
  clock.advance(250 + 10)
  expect(changes.at(-1)).toBe('sse: preferred')
  clock.advance(1_000)
  last('sse').fail('stream-ended')
  clock.advance(250 + 10)
  expect(changes.at(-1)).not.toMatch(/^null/)
})

test('when the network has changed, all are tried at once, though one still hangs', () => {
  const { clock, ladder, tries } = climbing({ websocket: failsAfter(5), 'forever-iframe': mute })
  clock.advance(3_000)
  const [before = 0] = tries()
  ladder.onNetworkChange()
  clock.advance(1)
  expect(tries()[0]).toBeGreaterThan(before)
})

test('while nothing carries, attempts go on beside one that hangs', () => {
  const { clock, tries } = climbing({ websocket: failsAfter(5), 'forever-iframe': mute })
  clock.advance(3_000)
  expect(tries()[0]).toBeGreaterThan(1)
})
