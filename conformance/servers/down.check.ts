/** The log down: from where it is sent, what a position may be, and two carriers at once. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession, type Position } from './client.ts'
import { expectAck, expectClosed, expectNoEntry, expectRefused } from './expect.ts'

/** A session with five messages in its log down, all of whose positions are known. */
async function five(): Promise<Client> {
  const client = await newSession()
  for (const number of [1, 2, 3, 4, 5]) {
    await client.send(number, number)
    await client.read()
  }
  return client
}

for (const from of [0, 2, 4]) {
  prove(
    '6.3',
    'On every carrier it sends what is after the position in `ack` of the attach, in order.',
    async () => {
      const client = await five()
      const rest = [1, 2, 3, 4, 5].slice(from)
      for (const carrier of ['WebSocket', 'SSE', 'exchange'] as const) {
        // The position is acknowledged as well, so later ones may not be lower.
        if (carrier === 'exchange') {
          expect(await client.readData(client.at(from))).toEqual(rest)
          continue
        }
        const fields = { ack: client.at(from) }
        const { feed } =
          carrier === 'SSE' ? await client.stream('sse', fields) : await client.socket(fields)
        expect(await feed.untilData(5)).toEqual(rest)
        expect(feed.messages[0]!.number).toBe(from + 1)
      }
    },
    { with: `from ${from}` },
  )
}

prove(
  '6.3',
  'A position below the base is stale, not lost: the server sends from the base on.',
  async () => {
    const client = await five()
    await client.exchange({ ack: client.at(3) })
    expect(await client.read(client.at(1))).toMatchObject([{ number: 4 }, { number: 5 }])
    const { feed } = await client.socket()
    expect(await feed.untilData(5)).toEqual([4, 5])
    const stream = await client.stream('sse', { ack: client.at(2) })
    expect(await stream.feed.untilData(5)).toEqual([4, 5])
    const late = await client.socket({ ack: [0, ''] })
    // On a WebSocket it is as stale.
    late.send({ ack: client.at(1) })
    await client.exchange({ ack: client.at(5) })
    late.send({ batch: batch(6, 6) })
    await late.feed.untilData(6)
    // With everything acknowledged, the next message follows on whatever position.
    const last = await client.socket({ ack: client.at(1) })
    expect(await last.feed.untilData(6)).toEqual([6])
  },
)

const LOST =
  'A position above the head, or with a tag that is not of this log, is answered with `lost`. So is one that has more ' +
  'of the next message than there is.'

for (const [what, position] of [
  ['above the head', () => [6, '']],
  ['far above the head', () => [Number.MAX_SAFE_INTEGER, '']],
  ['a foreign tag', () => [3, 'a foreign tag']],
  ['a foreign tag at 0', () => [0, 'a foreign tag']],
  ['the tag of another number', (client: Client) => [3, `${client.at(2)[1]}x`]],
  ['more than the next message', (client: Client) => client.at(3, 50)],
  ['more than there is', (client: Client) => client.at(5, 1)],
] satisfies [string, (client: Client) => unknown[]][]) {
  prove(
    '6.3',
    LOST,
    async () => {
      const client = await five()
      const fields = { ack: position(client), batch: batch(6, 'x'), volatile: [['x']] }
      const attach = { want: client.t + 1 }
      for (const answer of ['none', 'now', 'wait']) {
        expectRefused(await client.exchange({ ...fields, answer, bye: undefined }, attach), 'lost')
      }
      await expectNoEntry(await client.attaching(fields, attach), 'lost')
      const socket = await client.socket()
      socket.send(fields)
      await expectClosed(socket, 'lost')
      const { packet } = await client.lines([{ attach: client.attach() }, fields])
      expect(packet.end?.[0]).toBe('lost')
      // It acknowledged nothing, nothing was handled, and the mark is where it was.
      expect(await client.readData()).toEqual([1, 2, 3, 4, 5])
      expectAck((await client.exchange({}, { t: 1, want: 1 })).packet, 5, 5, 5)
    },
    { with: what },
  )
}

prove(
  '6.3',
  'A position acknowledges everything up to it, and the server MUST drop it.',
  async () => {
    for (const carrier of [
      'frame',
      'first frame',
      'exchange',
      'second packet',
      'ticket',
    ] as const) {
      const client = await five()
      const ack = client.at(4)
      if (carrier === 'exchange') await client.exchange({ ack })
      if (carrier === 'second packet') await client.lines([{ attach: client.attach() }, { ack }])
      if (carrier === 'first frame') await client.socket({ ack })
      if (carrier === 'ticket') await client.ticket('sse', { ack })
      if (carrier === 'frame') {
        const socket = await client.socket({ ack: client.at(1) })
        socket.send({ ack, probe: 1 })
        // What follows it shows that it was taken.
        socket.send({ batch: batch(6, 6) })
        await socket.feed.untilData(6)
      }
      expect([carrier, (await client.readData())[0]]).toEqual([carrier, 5])
    }
  },
)

prove(
  '1',
  'Two carriers of a session may work at the same time: both get what is after their own position, and the client ' +
    'drops what it has already seen.',
  async () => {
    const client = await five()
    const first = await client.socket({ ack: client.at(1) })
    const second = await client.stream('sse', { ack: client.at(3) })
    first.send({ batch: batch(6, 6) })
    await client.settled(6)
    await client.send(7, 7)
    expect(await first.feed.untilData(7)).toEqual([2, 3, 4, 5, 6, 7])
    expect(await second.feed.untilData(7)).toEqual([4, 5, 6, 7])
    await first.cut()
    await client.send(8, 8)
    expect(await second.feed.untilData(8)).toEqual([4, 5, 6, 7, 8])
  },
)

prove(
  '6.3',
  'The server numbers its messages 1, 2, 3 … and keeps each until it is acknowledged.',
  async () => {
    const client = await newSession()
    const socket = await client.socket()
    await socket.cut()
    await client.send(1, 'nobody reads')
    for (let again = 0; again < 2; again++) {
      const { feed } = await client.socket()
      expect(await feed.untilData('nobody reads')).toEqual(['nobody reads'])
      expect(feed.messages[0]!.number).toBe(1)
      expect(await client.readData()).toEqual(['nobody reads'])
    }
  },
)

prove(
  '6.3',
  'It is one that the client got: the number of the last message taken, and the tag at the end of its batch.',
  async () => {
    const client = await five()
    const positions: Position[] = [1, 2, 3, 4, 5].map((number) => client.at(number))
    for (const position of positions) {
      const { status } = await client.exchange({ ack: position })
      expect(status).toBe(200)
    }
    // What was handed out on one carrier holds on all.
    const socket = await client.socket({ ack: positions[4] })
    socket.send({ ack: positions[4], batch: batch(6, 6) })
    expect(await socket.feed.untilData(6)).toEqual([6])
  },
)

prove(
  '5',
  'The entries of one packet are a **batch**: together at most `maxBatch` bytes of JSON in UTF-8, volatile ones ' +
    'included; of a binary frame count its bytes.',
  async () => {
    // That no packet is larger is a rule that the feeds check.
    const client = await newSession()
    const texts = Array.from({ length: 12 }, (_, index) => String(index).repeat(9_000))
    for (const [index, text] of texts.entries()) await client.send(index + 1, text)
    const bytes = Buffer.alloc(50_000, 7)
    await client.sendEntries(13, [bytes.toString('base64'), 0, 1])
    await client.sendEntries(14, ['é'.repeat(25_000)])
    await client.sendEntries(15, ['\u0001'.repeat(9_000)], ['end'])
    for (const { feed } of [await client.socket(), await client.stream('sse')]) {
      const all = await feed.untilData('end')
      expect(all.length).toBe(16)
      expect(all[12]).toEqual(bytes)
    }
    const polled = await client.poll()
    expect(polled.messages.length).toBeGreaterThan(3)
  },
)
