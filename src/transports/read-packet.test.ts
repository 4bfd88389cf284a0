import { describe, expect, test } from 'vitest'
import { HELLO } from '../../test/support/session.ts'
import { BINARY, FRAME, PART, REFUSED, type Down } from '../protocol.ts'
import { readPacket } from './read-packet.ts'

const read = (value: unknown, hasFrames = false): Down | undefined =>
  readPacket(JSON.stringify(value), hasFrames)

describe('a packet', () => {
  test.each<[string, Down]>([
    ['without fields', {}],
    ['with hello', { hello: { ...HELLO, bound: 1, protocol: 'chat', retryAfter: [0, 500] } }],
    ['with an acknowledgement', { ack: [7, 6, 43] }],
    ['with parts in it', { ack: [7, 6, 43, 50_000, 0] }],
    ['with messages', { batch: [1, [['a'], [{}, 'id'], ['AQI=', ['bob'], BINARY | REFUSED]]] }],
    ['with a part', { batch: [1, [['"x', 0, PART, 0, 900]]] }],
    ['with volatile messages', { volatile: [[1]] }],
    ['that ends its carrier', { end: ['closed', 'bye', 'final', 1000], retryAfter: [0, 1] }],
  ])('%s is read', (_, packet) => {
    expect(read(packet)).toEqual(packet)
  })

  test('with fields that nobody knows is read', () => {
    expect(read({ ready: 1, later: [] })).toEqual({ ready: 1, later: [] })
  })

  test.each<[string, unknown]>([
    ['a window below 1', { hello: { ...HELLO, window: -1 } }],
    ['a window that is no number', { hello: { ...HELLO, window: '1' } }],
    ['a heartbeat of 0', { hello: { ...HELLO, heartbeat: 0 } }],
    ['a batch limit that is too small', { hello: { ...HELLO, maxBatch: 1 } }],
    ['a hello without epoch', { hello: { ...HELLO, epoch: undefined } }],
    ['a hello that is null', { hello: null }],
    ['an acknowledgement of two numbers', { ack: [1, 1] }],
    ['an acknowledgement below 0', { ack: [-1, 0, 0] }],
    ['half a message', { ack: [0.5, 0, 0] }],
    ['an acknowledgement with an epoch', { ack: ['e', 0, 0, 0] }],
    ['a batch without messages', { batch: [1, []] }],
    ['a batch from 0', { batch: [0, [['a']]] }],
    ['a batch of too many', { batch: [1, Array.from({ length: 20_001 }, () => [0])] }],
    ['an entry that is empty', { batch: [1, [[]]] }],
    ['an entry that is no list', { batch: [1, ['a']] }],
    ['an entry of an unknown kind', { batch: [1, [['a', 0, 16]]] }],
    ['a peer that is a number', { batch: [1, [['a', 7]]] }],
    ['bytes that are no base64', { batch: [1, [['A_==', 0, BINARY]]] }],
    ['bytes of half a group', { batch: [1, [['AQI', 0, BINARY]]] }],
    ['a part without a size', { batch: [1, [['a', 0, PART, 0]]] }],
    ['a part that is an object', { batch: [1, [[{}, 0, PART, 0, 9]]] }],
    ['a frame where there are none', { batch: [1, [[0, 0, BINARY | FRAME]]] }],
    ['a part among volatile messages', { volatile: [['a', 0, PART, 0, 9]] }],
    ['a tag that is a number', { batch: [1, [['a']]], tag: 7 }],
    ['an end without a word what to do', { end: ['closed', 'bye'] }],
    ['a list', []],
    ['null', null],
    ['a text', 'ready'],
  ])('with %s is none', (_, value) => {
    expect(read(value)).toBeUndefined()
  })

  test.each(['', '<html>Log in to the Wi-Fi</html>', '{"ready":1'])('%s is none', (text) => {
    expect(readPacket(text)).toBeUndefined()
  })
})

test('on a WebSocket bytes are the frame that follows', () => {
  expect(read({ batch: [1, [[0, 0, BINARY | FRAME]]] }, true)).toBeDefined()
  expect(read({ batch: [1, [[0, 0, FRAME]]] }, true)).toBeUndefined()
  expect(read({ batch: [1, [['AQI=', 0, BINARY | FRAME]]] }, true)).toBeUndefined()
})
