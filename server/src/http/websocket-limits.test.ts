import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { UnfinishedFrame } from './websocket-limits.ts'

const MAX = 80_000

/** A connection whose bytes and frames the test names. */
class Connection {
  now = 1_000
  readonly socket = { bytesRead: 300 }
  readonly webSocket = Object.assign(new EventEmitter(), { isPaused: false })
  readonly frame = new UnfinishedFrame(
    this.webSocket as unknown as WebSocket,
    this.socket as unknown as Duplex,
  )

  /** Why the connection is ended, if so many bytes more come now, and the sweep is some milliseconds later. */
  after(ms: number, bytes = 0): string | undefined {
    this.socket.bytesRead += bytes
    this.now += ms
    return this.frame.check(this.now, MAX)?.end.type
  }

  message(bytes: number): void {
    this.socket.bytesRead += bytes
    this.webSocket.emit('message')
  }
}

test('a connection between two messages may be silent for as long as it likes', () => {
  const connection = new Connection()
  connection.message(100)
  expect(connection.after(1_000_000)).toBeUndefined()
  expect(connection.frame.bytes).toBe(0)
})

test('a frame of which nothing comes for 10 seconds is not waited for', () => {
  const connection = new Connection()
  expect(connection.after(0, 10)).toBeUndefined()
  expect(connection.frame.bytes).toBe(10)
  expect(connection.after(9_999)).toBeUndefined()
  expect(connection.after(1)).toBe('timeout')
})

test('a frame that trickles is not waited for for ever, and one on a slow line is', () => {
  const bytesIn = (bytesPerSecond: number): number | undefined => {
    const connection = new Connection()
    for (let seconds = 0; seconds < 150; seconds++) {
      if (connection.after(1_000, bytesPerSecond) === 'timeout') return seconds
    }
    return undefined
  }
  expect(bytesIn(1)).toBe(31)
  expect(bytesIn(500)).toBeUndefined()
})

test('pings in the middle of a message do not make it complete, and a message does', () => {
  const connection = new Connection()
  connection.after(0, 10)
  for (let seconds = 0; seconds < 10; seconds++) {
    connection.socket.bytesRead += 106
    connection.webSocket.emit('ping', Buffer.alloc(100))
    expect(connection.frame.bytes).toBe(10)
    expect(connection.after(999)).toBeUndefined()
  }
  expect(connection.after(10)).toBe('timeout')
  connection.message(10)
  expect(connection.after(10_000)).toBeUndefined()
})

test('a message takes no more on the wire than its fragments need', () => {
  expect(new Connection().after(0, 4 * MAX)).toBeUndefined()
  expect(new Connection().after(0, 4 * MAX + 1)).toBe('too-large')
})

test('a connection that is not read is not to blame', () => {
  const connection = new Connection()
  connection.after(0, 10)
  connection.webSocket.isPaused = true
  expect(connection.after(100_000)).toBeUndefined()
  connection.webSocket.isPaused = false
  expect(connection.after(9_999)).toBeUndefined()
  expect(connection.after(10_000)).toBe('timeout')
})
