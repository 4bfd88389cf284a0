import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { pathBelow } from './routes.ts'

test.each([
  ['/rungs', ''],
  ['/rungs/', ''],
  ['/rungs?a=/b', ''],
  ['/rungs/sse', '/sse'],
  ['/rungs/sse?ticket=/x', '/sse'],
  ['/rungs/a/b', '/a/b'],
  ['/rungsx', undefined],
  ['/', undefined],
  ['/other/rungs', undefined],
  ['//rungs', undefined],
  ['/RUNGS', undefined],
  ['/rungs%2fsse', undefined],
  [undefined, undefined],
])('the path of %s below /rungs is %s', (url, expected) => {
  expect(pathBelow('/rungs', { url } as IncomingMessage)).toBe(expected)
})
