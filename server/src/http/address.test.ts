import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { addressOf } from './address.ts'

const request = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as never

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0DB8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, ''],
])('the address of %s is %s', (address, expected) => {
  expect(addressOf(request(address, '198.51.100.1'), { trustProxy: false })).toBe(expected)
})

test('a proxy on the same machine or network is believed, and nobody else', () => {
  const seen = (remote: string): string =>
    addressOf(request(remote, '198.51.100.1'), { trustProxy: false })
  for (const proxy of [
    '127.0.0.1',
    '::1',
    '::ffff:10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    'fd00::1',
  ]) {
    expect(seen(proxy), proxy).toBe('198.51.100.1')
  }
  for (const client of ['172.32.0.1', '11.0.0.1']) expect(seen(client)).toBe(client)
})

test.each([
  ['198.51.100.1', '198.51.100.1'],
  ['1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['1.1.1.1, 2001:db8::1', '2001:db8:0:0::/64'],
  [undefined, '192.0.2.7'],
])('a proxy that is trusted says in %s that the address is %s', (forwarded, expected) => {
  expect(addressOf(request('192.0.2.7', forwarded), { trustProxy: true })).toBe(expected)
})
