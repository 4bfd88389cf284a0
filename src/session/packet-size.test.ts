import { expect, test } from 'vitest'
import { FIRST_PACKET, createPacketSize } from './packet-size.ts'

const LIMIT = 60_000
const packetSize = () => createPacketSize(FIRST_PACKET, () => LIMIT)

test('what takes less than a second and a half is followed by twice as much, up to the limit', () => {
  const size = packetSize()
  const sizes = [1, 2, 3].map(() => {
    size.took(size.bytes(), 1_400)
    return size.bytes()
  })
  expect(sizes).toEqual([2 * FIRST_PACKET, LIMIT, LIMIT])
})

test('what takes more than three seconds is followed by half as much, down to two kilobytes', () => {
  const size = packetSize()
  const sizes = [1, 2, 3, 4].map(() => {
    size.took(size.bytes(), 3_100)
    return size.bytes()
  })
  expect(sizes).toEqual([8_192, 4_096, 2_048, 2_048])
})

test('half of an odd number of bytes is a whole number, because packets name it', () => {
  const size = createPacketSize(60_001, () => 60_001)
  size.took(60_001, 3_100)
  expect(size.bytes()).toBe(30_000)
})

test('what takes two seconds is as it should be', () => {
  const size = packetSize()
  size.took(FIRST_PACKET, 2_000)
  expect(size.bytes()).toBe(FIRST_PACKET)
})

test('several packets that were received together have taken their time together', () => {
  const size = packetSize()
  size.took(3 * FIRST_PACKET, 4_200)
  expect(size.bytes()).toBe(2 * FIRST_PACKET)
})

test('a small packet says nothing, however long it took', () => {
  const size = packetSize()
  size.took(100, 60_000)
  size.took(100, 1)
  expect(size.bytes()).toBe(FIRST_PACKET)
})

test('a packet that was cut off after a long time is followed by one of half the size, and one that had no time by its like', () => {
  const size = packetSize()
  size.wasCut(2_900)
  expect(size.bytes()).toBe(FIRST_PACKET)
  size.wasCut(3_100)
  expect(size.bytes()).toBe(FIRST_PACKET / 2)
})

test('the limit of the server holds as soon as it is known', () => {
  let limit = LIMIT
  const size = createPacketSize(Infinity, () => limit)
  expect(size.bytes()).toBe(LIMIT)
  limit = 1_000_000
  expect(size.bytes()).toBe(1_000_000)
})
