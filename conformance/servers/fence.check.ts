/** The fence: requests that come late or twice, and too many carriers. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { batch, newSession } from './client.ts'
import { expectAck, expectClosed, expectEnded, expectNoEntry, expectRefused } from './expect.ts'

prove('6.4', '`t` is not below the mark: `superseded`.', async () => {
  const client = await newSession()
  await client.exchange({}, { t: 10, want: 9 })
  for (const t of [1, 8]) {
    expectRefused(await client.exchange({ batch: batch(1, 'late') }, { t, want: 1 }), 'superseded')
    await expectNoEntry(await client.attaching({}, { t, want: 1 }), 'superseded')
  }
  expectAck((await client.exchange({}, { t: 9, want: 9 })).packet, 0, 0, 0)
})

const REPLACED =
  'Every reader whose `t` is below the mark, or is the same `t`, ends with `superseded`.'

prove(
  '6.4',
  REPLACED,
  async () => {
    const client = await newSession()
    const old = await client.socket()
    const stream = await client.stream('sse')
    const parked = client.exchange({ answer: 'wait', accepted: 9 })
    const kept = await client.socket()
    await client.exchange({}, { want: client.t })
    await expectClosed(old, 'superseded')
    await stream.ended
    expect(stream.feed.packets.at(-1)!.end?.[0]).toBe('superseded')
    expectEnded(await parked, 'superseded')
    kept.send({ batch: batch(1, 'alive') })
    expect(await kept.feed.untilData('alive')).toEqual(['alive'])
  },
  { with: 'below the mark' },
)

prove(
  '6.4',
  REPLACED,
  async () => {
    const client = await newSession()
    const first = await client.socket({}, { t: 7 })
    const again = await client.socket({}, { t: 7 })
    await expectClosed(first, 'superseded')
    again.send({ batch: batch(1, 'alive') })
    expect(await again.feed.untilData('alive')).toEqual(['alive'])
    const wait = { answer: 'wait', ack: client.at(1), accepted: 1 }
    const waiting = client.exchange(wait, { t: 8 })
    const repeated = client.exchange(wait, { t: 8 })
    expectEnded(await Promise.race([waiting, repeated]), 'superseded')
    await client.exchange({ batch: batch(2, 'more') }, { t: 9 })
    const answers = await Promise.all([waiting, repeated])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  },
  { with: 'the same t' },
)

prove(
  '6.4',
  REPLACED,
  async () => {
    const client = await newSession()
    const reader = await client.socket({}, { t: 7 })
    // It is no reader itself.
    await client.exchange({}, { t: 7 })
    await expectClosed(reader, 'superseded')
  },
  { with: 'the same t, by what reads nothing' },
)

prove('6.4', 'The mark becomes `want`, if that is higher.', async () => {
  const client = await newSession()
  await client.exchange({}, { t: 10, want: 10 })
  await client.exchange({}, { t: 12, want: 3 })
  expectRefused(await client.exchange({}, { t: 9, want: 1 }), 'superseded')
  await client.socket({}, { t: 14, want: 13 })
  expectRefused(await client.exchange({}, { t: 12, want: 1 }), 'superseded')
})

prove(
  '6.4',
  'If that makes four, the one with the lowest `t` ends with `superseded`.',
  async () => {
    const client = await newSession()
    const first = await client.socket({}, { t: 11 })
    const others = [await client.socket({}, { t: 13 }), await client.socket({}, { t: 12 })]
    const fourth = await client.socket({}, { t: 14 })
    await expectClosed(first, 'superseded')
    await client.exchange({ batch: batch(1, 'a') }, { t: 15 })
    for (const { feed } of [...others, fourth]) expect(await feed.untilData('a')).toEqual(['a'])
  },
)

prove(
  '6.4',
  'If the request is a reader, there are no three later ones: `superseded`.',
  async () => {
    const client = await newSession()
    const three = []
    for (const t of [11, 12, 13]) three.push(await client.socket({}, { t }))
    await expectNoEntry(await client.attaching({}, { t: 5 }), 'superseded')
    expectRefused(await client.exchange({ answer: 'wait' }, { t: 6 }), 'superseded')
    // One that reads nothing is served.
    expectAck((await client.exchange({ answer: 'now' }, { t: 7 })).packet, 0, 0, 0)
    await client.exchange({ batch: batch(1, 'a') }, { t: 14 })
    for (const { feed } of three) expect(await feed.untilData('a')).toEqual(['a'])
    // Two later ones do not matter.
    await three[0]!.close()
    const late = await client.socket({}, { t: 8 })
    expect(await late.feed.untilData('a')).toEqual(['a'])
  },
)
