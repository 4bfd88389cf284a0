/** Servers that ask for a new token. One that does not sends `new token` back, like any other message. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { batch, newSession } from './client.ts'
import { atOnce, expectClosed } from './expect.ts'

/** Milliseconds: a server may be late by a second, and the machine by some more. */
const LATE = 4_000

const ASKS =
  'A server MAY ask for a new token, as when the old one expires: with `token` in any packet. On a WebSocket the client ' +
  'answers with a packet with `token`, otherwise in `attach.token` of its next exchange.'
const ENDS =
  "A server ends a session's carriers with `unauthorized` if no new token comes in 10 seconds, or if it is refused."

const asking = await newSession()
await asking.send(1, 'new token')
const asks = (await asking.readData()).length === 0

prove(
  '6.1',
  ASKS,
  async () => {
    const client = await newSession('user:alice')
    const socket = await client.socket()
    socket.send({ batch: batch(1, 'new token', 'after') })
    const all = await socket.feed.untilData('after')
    const packets = socket.feed.packets.filter(({ token }) => token)
    expect([all, packets.length]).toEqual(asks ? [['after'], 1] : [['new token', 'after'], 0])
  },
  { with: asks ? 'this one does' : 'this one does not' },
)

if (asks) {
  prove(
    '6.1',
    ASKS,
    async () => {
      const client = await newSession('user:alice')
      const socket = await client.socket()
      const stream = await client.stream('sse')
      socket.send({ batch: batch(1, 'new token') })
      expect(await atOnce(socket.feed.field('token'))).toBe(1)
      expect(await atOnce(stream.feed.field('token'))).toBe(1)
      socket.send({ token: 'user:alice' })
      for (let passed = 0; passed < 10_000 + LATE; passed += 2_000) {
        await delay(2_000)
        socket.send({ probe: 1 })
      }
      socket.send({ batch: batch(2, 'still here') })
      await stream.feed.untilData('still here')
      expect(await socket.feed.untilData('still here')).toEqual(['still here'])
    },
    { with: 'WebSocket', slow: true },
  )

  prove(
    '6.1',
    ASKS,
    async () => {
      const client = await newSession('user:alice')
      const socket = await client.socket()
      socket.send({ batch: batch(1, 'new token') })
      await socket.feed.field('token')
      if (client.hello!.bound) {
        expect((await client.exchange({}, { token: undefined })).packet.token).toBe(1)
      }
      expect((await client.exchange()).status).toBe(200)
      // That was the new one.
      expect((await client.exchange()).packet.token).toBeUndefined()
      for (let passed = 0; passed < 10_000 + LATE; passed += 2_000) {
        await delay(2_000)
        socket.send({ probe: 1 })
      }
      socket.send({ batch: batch(2, 'still here') })
      expect(await socket.feed.untilData('still here')).toEqual(['still here'])
    },
    { with: 'exchange', slow: true },
  )

  prove(
    '6.1',
    ENDS,
    async () => {
      const client = await newSession('user:alice')
      const socket = await client.socket()
      socket.send({ batch: batch(1, 'new token') })
      await socket.feed.field('token')
      socket.send({ token: 'refuse' })
      await atOnce(expectClosed(socket, 'unauthorized'))
    },
    { with: 'it is refused' },
  )

  prove(
    '6.1',
    ENDS,
    async () => {
      const client = await newSession('user:alice')
      const socket = await client.socket()
      const stream = await client.stream('sse')
      socket.send({ batch: batch(1, 'new token') })
      await socket.feed.field('token')
      const started = performance.now()
      await expectClosed(socket, 'unauthorized')
      await stream.ended
      expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('unauthorized')
      expect(performance.now() - started).toBeGreaterThan(9_000)
      expect(performance.now() - started).toBeLessThan(10_000 + LATE)
    },
    { with: 'none comes', slow: true },
  )
}
