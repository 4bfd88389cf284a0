/** The fence: requests that come late or twice, too many carriers, and pages that take over. */
import { expect } from 'vitest'
import { Client, batch, newSession, openSocket } from './client.ts'
import { expectClosed, expectRefused, prove } from './prove.ts'

prove('6.4', 'A `t` below the mark is refused with `superseded`.', async () => {
  const client = await newSession()
  await client.exchange({}, { t: 10, want: 9 })
  for (const t of [1, 8]) {
    expectRefused(await client.exchange({ batch: batch(1, 'late') }, { t, want: 1 }), 'superseded')
    const socket = await openSocket()
    socket.send({ attach: client.attach({ t, want: 1 }) })
    await expectClosed(socket, 'superseded')
  }
  expect((await client.exchange({}, { t: 9, want: 9 })).packet.ack!.slice(1)).toEqual([0, 0, 0])
})

prove('6.4', 'What `superseded` refuses has neither acknowledged nor sent anything.', async () => {
  const client = await newSession()
  await client.exchange({ batch: batch(1, 'a') }, { t: 5, want: 5 })
  const late = { ack: [1, ''], batch: batch(2, 'late'), bye: [0] }
  expectRefused(await client.exchange(late, { t: 4, want: 4 }), 'superseded')
  const { packet } = await client.exchange({ answer: 'now' }, { t: 6, want: 5 })
  expect(packet.batch).toEqual([1, [['a']]])
  expect(packet.ack!.slice(1)).toEqual([1, 1, 1])
})

const MARK_RISES =
  'Every reader whose `t` is below the mark, or is the same `t`, ends with `superseded`.'

prove(
  '6.4',
  MARK_RISES,
  async () => {
    const client = await newSession()
    const old = await client.socket()
    const stream = await client.stream('sse')
    const kept = await client.socket()
    await client.exchange({}, { want: client.t })
    await expectClosed(old, 'superseded')
    await stream.ended
    expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('superseded')
    kept.send({ batch: batch(1, 'alive') })
    expect(await kept.feed.untilData('alive')).toEqual(['alive'])
  },
  { with: 'below the mark' },
)

prove(
  '6.4',
  MARK_RISES,
  async () => {
    const client = await newSession()
    const first = await client.socket({}, { t: 7 })
    const again = await client.socket({}, { t: 7 })
    await expectClosed(first, 'superseded')
    again.send({ batch: batch(1, 'alive') })
    expect(await again.feed.untilData('alive')).toEqual(['alive'])
    const waiting = client.exchange({ answer: 'wait', ack: [1, ''], accepted: 1 }, { t: 8 })
    const repeated = client.exchange({ answer: 'wait', ack: [1, ''], accepted: 1 }, { t: 8 })
    const ended = await Promise.race([waiting, repeated])
    expectRefused(ended, 'superseded')
    await client.exchange({ batch: batch(2, 'more') }, { t: 9 })
    const answers = await Promise.all([waiting, repeated])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  },
  { with: 'the same t' },
)

prove('6.4', 'The mark becomes `want`, if that is higher.', async () => {
  const client = await newSession()
  await client.exchange({}, { t: 10, want: 10 })
  await client.exchange({}, { t: 12, want: 3 })
  expectRefused(await client.exchange({}, { t: 9, want: 1 }), 'superseded')
})

const FOURTH =
  'If that makes four, the one with the lowest `t` ends with `superseded`, even if it is the new one.'

prove(
  '6.4',
  FOURTH,
  async () => {
    const client = await newSession()
    const first = await client.socket({}, { t: 11 })
    const others = [await client.socket({}, { t: 13 }), await client.socket({}, { t: 12 })]
    const fourth = await client.socket({}, { t: 14 })
    await expectClosed(first, 'superseded')
    await client.exchange({ batch: batch(1, 'a') }, { t: 15 })
    for (const { feed } of [...others, fourth]) expect(await feed.untilData('a')).toEqual(['a'])
  },
  { with: 'the lowest of them' },
)

prove(
  '6.4',
  FOURTH,
  async () => {
    const client = await newSession()
    const three = []
    for (const t of [11, 12, 13]) three.push(await client.socket({}, { t }))
    const late = await openSocket()
    late.send({ attach: client.attach({ t: 5 }) })
    await expectClosed(late, 'superseded')
    expectRefused(await client.exchange({ answer: 'wait' }, { t: 6 }), 'superseded')
    await client.exchange({ batch: batch(1, 'a') }, { t: 14 })
    for (const { feed } of three) expect(await feed.untilData('a')).toEqual(['a'])
  },
  { with: 'the new one' },
)

const TAKES_OVER =
  'A higher generation takes over: the readers of the former one end with `superseded`, the mark is 0 again, and a ' +
  'goodbye with grace (6.10) is revoked.'

prove(
  '6.5',
  TAKES_OVER,
  async () => {
    const client = new Client()
    client.page = [0, 'former']
    const former = await client.socket({ batch: batch(1, 'a') }, { t: 40, want: 40 })
    await former.feed.untilData('a')
    client.page = [1, 'later']
    const later = await client.socket({}, { t: 1 })
    await expectClosed(former, 'superseded')
    expect(await later.feed.untilData('a')).toEqual(['a'])
    expect((await later.feed.field('ack'))[2]).toBe(1)
  },
  { with: 'readers and mark' },
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
      client.page = page
      expectRefused(await client.exchange({}, { t: 1 }), 'taken')
      expectRefused(await client.exchange({ ack: [0, ''], bye: [0] }, { t: 99, want: 99 }), 'taken')
      const copy = await openSocket()
      copy.send({ attach: client.attach({ t: 100, want: 100 }) })
      await expectClosed(copy, 'taken')
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
