/** Messages without numbers. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck } from './expect.ts'

prove(
  '6.7',
  'Volatile messages have no number; nobody acknowledges them or sends them again.',
  async () => {
    const client = await newSession()
    const socket = await client.socket({ volatile: [['up']] })
    await socket.feed.untilData('up')
    expectAck((await client.exchange()).packet, 0, 0, 1)
    socket.send({ batch: batch(1, 'volatile', 'mark') })
    await socket.feed.untilData('mark')
    expect(socket.feed.volatile.map(({ data }) => data)).toEqual(['volatile'])
    expectAck((await client.settled(2)).packet, 2, 2, 2)
    // A new carrier gets what has a number, and that alone.
    const again = await client.socket()
    expect(await again.feed.untilData('mark')).toEqual(['up', 'mark'])
    expect(again.feed.volatile).toEqual([])
  },
)

const IN_TURN =
  'Up, they are handled in turn with the other messages of their carrier, after those of the same packet.'

prove(
  '6.7',
  IN_TURN,
  async () => {
    const socket = await new Client().socket()
    socket.send({ volatile: [['a'], ['b']] })
    socket.send({ batch: batch(1, 'slow', 'c'), volatile: [['d']] })
    socket.send({ batch: batch(3, 'e') })
    expect(await socket.feed.untilData('e')).toEqual(['a', 'b', 'slow', 'c', 'd', 'e'])
  },
  { with: 'WebSocket' },
)

prove(
  '6.7',
  IN_TURN,
  async () => {
    const client = new Client()
    await client.lines([
      { attach: client.attach(), volatile: [['a']] },
      { volatile: [['d']], batch: batch(1, 'b', 'c') },
    ])
    await client.settled(2)
    const socket = await client.socket()
    expect(await socket.feed.untilData('d')).toEqual(['a', 'b', 'c', 'd'])
  },
  { with: 'exchange' },
)

prove('6.7', 'Down, they go over the reader with the highest `t`.', async () => {
  const client = await newSession()
  const high = await client.socket({}, { t: 20 })
  const low = await client.stream('sse')
  const lower = await client.socket()
  await client.exchange({ batch: batch(1, 'volatile', 'mark') }, { t: 21 })
  for (const { feed } of [high, low, lower]) await feed.untilData('mark')
  expect(high.feed.volatile.map(({ data }) => data)).toEqual(['volatile'])
  expect([...low.feed.volatile, ...lower.feed.volatile]).toEqual([])
})

const KEPT =
  'A server SHOULD keep the latest few of a session (8, say) for a heartbeat interval, and put them into the next answer ' +
  'of `now` or `wait`, or into the next stream.'

for (const carrier of ['now', 'wait', 'SSE', 'WebSocket'] as const) {
  prove(
    '6.7',
    KEPT,
    async () => {
      const client = await newSession()
      await client.send(1, 'volatile')
      if (carrier === 'SSE' || carrier === 'WebSocket') {
        const { feed } = carrier === 'SSE' ? await client.stream('sse') : await client.socket()
        expect(await feed.field('volatile')).toEqual([['volatile']])
      } else {
        const { packet } = await client.exchange({ answer: carrier, accepted: 1 })
        expect(packet.volatile).toEqual([['volatile']])
      }
      // Once is enough.
      expect((await client.exchange({ answer: 'now' })).packet.volatile).toBeUndefined()
    },
    { with: carrier },
  )
}
