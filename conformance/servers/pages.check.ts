/** Pages that take over, and copies of them that do not. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectClosed, expectEnded, expectNoEntry, expectRefused } from './expect.ts'

const TAKES_OVER =
  'A higher generation takes over: the readers of the former one end with `superseded`, the mark is 0 again, and a ' +
  'goodbye with grace (6.10) is revoked.'

for (const carrier of ['WebSocket', 'exchange'] as const) {
  prove(
    '6.5',
    TAKES_OVER,
    async () => {
      const client = new Client()
      client.page = [0, 'former']
      const former = await client.socket({ batch: batch(1, 'a') }, { t: 40, want: 40 })
      const second = await client.socket({}, { t: 41, want: 40 })
      client.t = 41
      const stream = await client.stream('sse')
      await former.feed.untilData('a')
      client.page = [1, 'later']
      client.want = 1
      // Its numbers begin again: they are below the former mark, and three readers are later.
      const later = carrier === 'WebSocket' ? await client.socket({}, { t: 1 }) : undefined
      if (!later)
        expect((await client.exchange({ answer: 'now' }, { t: 1 })).packet.batch).toBeDefined()
      await expectClosed(former, 'superseded')
      await expectClosed(second, 'superseded')
      await stream.ended
      expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('superseded')
      if (later) expect(await later.feed.untilData('a')).toEqual(['a'])
      expectAck((await client.exchange({}, { t: 2 })).packet, 1, 1, 1)
    },
    { with: `readers and mark, ${carrier}` },
  )
}

prove(
  '6.5',
  TAKES_OVER,
  async () => {
    const client = new Client()
    client.page = [3, 'first of all']
    await client.exchange()
    client.page = [4, 'later']
    const parked = client.exchange({ answer: 'wait', accepted: 5 })
    client.page = [9, 'much later']
    await client.exchange({}, { t: 1, want: 1 })
    expectEnded(await parked, 'superseded')
    client.page = [4, 'later']
    expectRefused(await client.exchange(), 'taken')
  },
  { with: 'exchanges that wait' },
)

prove(
  '6.5',
  TAKES_OVER,
  async () => {
    const client = await newSession()
    // Without a page it counts as generation 0.
    client.page = [1, 'later']
    await client.exchange({}, { t: 1 })
    client.page = undefined
    expectRefused(await client.exchange(), 'taken')
  },
  { with: 'from no page' },
)

const TAKEN =
  'Any other page than the one that holds the session is answered with `taken`, whatever its `t`.'

for (const [what, page] of [
  ['same generation', [1, 'copy']],
  ['former generation', [0, 'former']],
  ['former generation, same holder', [0, 'holder']],
  ['no page', undefined],
] as const) {
  prove(
    '6.5',
    TAKEN,
    async () => {
      const client = new Client()
      client.page = [1, 'holder']
      const socket = await client.socket()
      const { t } = client
      client.page = page
      expectRefused(await client.exchange({}, { t: 1 }), 'taken')
      expectRefused(await client.exchange({}, { t }), 'taken')
      expectRefused(await client.exchange({ ack: [0, ''], bye: [0] }, { t: 99, want: 99 }), 'taken')
      await expectNoEntry(await client.attaching({}, { t: 100, want: 100 }), 'taken')
      socket.send({ batch: batch(1, 'mine') })
      expect(await socket.feed.untilData('mine')).toEqual(['mine'])
    },
    { with: what },
  )
}

prove(
  '6.5',
  'The first takes over, the second is `taken` and begins a session of its own.',
  async () => {
    const client = new Client()
    client.page = [0, 'page']
    await client.exchange()
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((holder) =>
        client.exchange({}, { page: [1, holder], t: 1, want: 1 }),
      ),
    )
    const types = answers.map(({ packet }) => packet.end?.[0]).toSorted()
    expect(types).toEqual(['taken', 'taken', undefined])
  },
)
