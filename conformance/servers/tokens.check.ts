/** Servers that ask for a new token when one expires; others do not have to. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { batch, newSession } from './client.ts'
import { atOnce, expectClosed } from './expect.ts'

/** Milliseconds: a server may be late by a second, and the machine by some more. */
const LATE = 4_000

/** A token that expires after a second; README.md. */
const BRIEF = 'brief:alice'
const LASTING = 'user:alice'

const ASKS =
  'A server MAY ask for a new token, as when the old one expires: with `token` in any packet. On a WebSocket the client ' +
  'answers with a packet with `token`, otherwise in `attach.token` of its next exchange.'
const ENDS =
  "A server ends a session's carriers with `unauthorized` if no new token comes in 10 seconds, or if it is refused."

/** A server that asks for new tokens does so within a second or two after one has expired. */
async function asksForTokens(): Promise<boolean> {
  const { feed } = await (await newSession(BRIEF)).socket()
  const asked = feed.field('token').then(() => true)
  return Promise.race([asked, delay(3_000, false)])
}

const asks = await asksForTokens()

prove(
  '4.2',
  '| `token` | text, up to 8,192 | WebSocket only: the new token that the server asked for (6.1). |',
  async () => {
    const client = await newSession(LASTING)
    const socket = await client.socket()
    socket.send({ token: LASTING, batch: batch(1, 'still here') })
    expect(await socket.feed.untilData('still here')).toEqual(['still here'])
    expect(socket.feed.packets.some(({ token }) => token)).toBe(false)
  },
  { with: 'one that nobody asked for' },
)

if (asks) {
  prove(
    '6.1',
    ASKS,
    async () => {
      const client = await newSession(BRIEF)
      const socket = await client.socket()
      const stream = await client.stream('sse')
      await socket.feed.field('token')
      await stream.feed.field('token')
      socket.send({ token: LASTING })
      for (let passed = 0; passed < 10_000 + LATE; passed += 2_000) {
        await delay(2_000)
        socket.send({ probe: 1 })
      }
      socket.send({ batch: batch(1, 'still here') })
      await stream.feed.untilData('still here')
      expect(await socket.feed.untilData('still here')).toEqual(['still here'])
    },
    { with: 'WebSocket', slow: true },
  )

  prove(
    '6.1',
    ASKS,
    async () => {
      const client = await newSession(BRIEF)
      const socket = await client.socket()
      await socket.feed.field('token')
      if (client.hello!.bound) {
        expect((await client.exchange({}, { token: undefined })).packet.token).toBe(1)
      }
      client.token = LASTING
      expect((await client.exchange()).status).toBe(200)
      // That was the new one.
      expect((await client.exchange()).packet.token).toBeUndefined()
      for (let passed = 0; passed < 10_000 + LATE; passed += 2_000) {
        await delay(2_000)
        socket.send({ probe: 1 })
      }
      socket.send({ batch: batch(1, 'still here') })
      expect(await socket.feed.untilData('still here')).toEqual(['still here'])
    },
    { with: 'exchange', slow: true },
  )

  prove(
    '6.1',
    ENDS,
    async () => {
      const client = await newSession(BRIEF)
      const socket = await client.socket()
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
      const client = await newSession(BRIEF)
      const socket = await client.socket()
      const stream = await client.stream('sse')
      await socket.feed.field('token')
      const started = performance.now()
      // A client that says nothing would count as a ghost.
      await delay(5_000)
      socket.send({ ack: [0, ''] })
      await expectClosed(socket, 'unauthorized')
      await stream.ended
      expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('unauthorized')
      expect(performance.now() - started).toBeGreaterThan(9_000)
      expect(performance.now() - started).toBeLessThan(10_000 + LATE)
    },
    { with: 'none comes', slow: true },
  )
}
