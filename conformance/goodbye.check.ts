/** Goodbyes: at once, and with grace for a reload. */
import { expect } from 'vitest'
import { Client, batch, newSession, openSocket } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'

prove(
  '6.10',
  'With 0 seconds, the session ends when its messages are handled: `closed`, with the reason and the code of the ' +
    'goodbye, or `closed` and 1000.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    const { status, packet } = await client.exchange({
      batch: batch(1, 'slow', 'last words'),
      bye: [0, 4999, 'so long'],
    })
    expect([status, packet]).toEqual([200, {}])
    await expectClosed(socket, 'closed')
    expect(socket.feed.packets.at(-1)!.end!.slice(1)).toEqual(['so long', 'final', 4999])
    expect(socket.feed.entries.map(([, data]) => data)).toEqual(['slow', 'last words'])
    expectRefused(await client.exchange(), 'closed')
  },
  { with: 'POST' },
)

for (const bye of [[0], [0, null], [0, null, null]]) {
  prove(
    '6.10',
    'With 0 seconds, the session ends when its messages are handled: `closed`, with the reason and the code of the ' +
      'goodbye, or `closed` and 1000.',
    async () => {
      const client = await newSession()
      const other = await client.socket()
      const socket = await client.socket()
      socket.send({ batch: batch(1, 'a'), bye })
      for (const each of [socket, other]) {
        await expectClosed(each, 'closed')
        expect(each.feed.packets.at(-1)!.end!.slice(1)).toEqual(['closed', 'final', 1000])
        expect(each.feed.entries).toEqual([[1, 'a']])
      }
    },
    { with: `WebSocket ${JSON.stringify(bye)}` },
  )
}

const GRACE =
  'With more, the session lives on for so many seconds, unless a page of a higher generation resumes it meanwhile; its ' +
  'readers end with `superseded`.'

prove(
  '6.10',
  GRACE,
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    await client.exchange()
    await client.exchange({ bye: [30] })
    client.page = [1, 'reloaded']
    const socket = await client.socket({}, { t: 1 })
    socket.send({ batch: batch(1, 'b') })
    expect(await socket.feed.untilData('b')).toEqual(['b'])
  },
  { with: 'resumed' },
)

prove(
  '6.10',
  'The page that said so is gone: what else it sends is refused with `superseded`.',
  async () => {
    const client = new Client()
    client.page = [0, 'a page']
    await client.send(1, 'a')
    await client.exchange({ bye: [30] })
    expectRefused(await client.send(2, 'b'), 'superseded')
    const socket = await openSocket()
    socket.send({ attach: client.attach() })
    await expectClosed(socket, 'superseded')
    client.page = [1, 'reloaded']
    const { packet } = await client.exchange({ answer: 'now' }, { t: 1 })
    expect(packet.batch).toEqual([1, [['a']]])
  },
)

for (const busy of [false, true]) {
  prove(
    '6.10',
    'A goodbye holds even if the messages that ride along are refused.',
    async () => {
      const client = await newSession()
      if (busy) await client.send(1, 'slow')
      await client.exchange({ batch: batch(9, 'after a gap'), bye: [0] })
      expectRefused(await client.exchange(), 'closed')
    },
    { with: busy ? 'while a handler runs' : 'at once' },
  )
}
