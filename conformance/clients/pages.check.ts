/** Duties of a client: its page goes away, and is loaded again (PROTOCOL.md 6.5, 6.10 and 9.4). */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import type { Channel } from './carriers.ts'
import { has } from './program.ts'
import { LONG_POLL, messagesOf, openScene, pollScene, untilNumber } from './scenes.ts'
import type { Server } from './server.ts'
import type { Attach, Up } from './wire.ts'

prove(
  '6.10',
  'A packet with `bye` is the last one. Messages MAY ride along; they are handled first.',
  async () => {
    const { client, channel } = await openScene()
    client.send({ data: 'last' })
    client.close(4_000, 'enough')
    expect((await channel.packet('bye')).bye).toEqual([0, 4_000, 'enough'])
    expect(messagesOf(channel.packets)).toEqual([[1, 'last']])
    expect(channel.packets.at(-1)!.bye).toBeDefined()
  },
  { with: 'WebSocket' },
)

/** The goodbye, on whatever carrier it comes, and the packets that came with it. */
async function goodbye(server: Server, channel?: Channel): Promise<readonly Up[]> {
  const inExchange = async (): Promise<readonly Up[]> => {
    for (;;) {
      const exchange = await server.exchange()
      if (exchange.packet.bye) return exchange.packets
    }
  }
  const inFrame = channel?.packet('bye').then(() => channel.packets)
  return Promise.race([inExchange(), ...(inFrame ? [inFrame] : [])])
}

prove(
  '6.10',
  'A packet with `bye` is the last one. Messages MAY ride along; they are handled first.',
  async () => {
    const { server, client, poll } = await pollScene()
    client.send({ data: 'last' })
    client.close(4_000, 'enough')
    const packets = await goodbye(server)
    expect(packets.at(-1)!.bye).toEqual([0, 4_000, 'enough'])
    expect(poll.attach.t).toBeLessThan(packets[0]!.attach!.t)
  },
  { with: LONG_POLL[0]! },
)

const SAYS_GOODBYE = 'A client SHOULD say goodbye when its page goes away.'

prove(
  '9.4',
  SAYS_GOODBYE,
  async () => {
    const { server, client, channel } = await openScene()
    client.leave()
    expect((await goodbye(server, channel)).at(-1)!.bye?.[0]).toBe(0)
  },
  { with: 'WebSocket', skip: !has('leave') },
)

prove(
  '9.4',
  SAYS_GOODBYE,
  async () => {
    const { server, client } = await pollScene()
    client.leave()
    expect((await goodbye(server)).at(-1)!.bye?.[0]).toBe(0)
  },
  { with: 'long-poll', skip: !has('leave') },
)

const skip = !has('reload')

prove(
  '9.4',
  SAYS_GOODBYE,
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    client.leave()
    // The page may be reloaded.
    expect((await goodbye(server, channel)).at(-1)!.bye?.[0]).toBeGreaterThan(0)
  },
  { with: 'a session that can be resumed', skip },
)

/** The first WebSocket of the next load of the page. */
async function nextLoad(server: Server, { page }: Attach): Promise<Channel> {
  for (;;) {
    const carrier = await server.carrier()
    if (carrier.attach.page?.[0] !== page?.[0] && carrier.kind === 'websocket') return carrier
    if (carrier.kind === 'exchange') carrier.answer({})
  }
}

prove(
  '6.5',
  'A session that can be resumed after a reload is attached with a page: a generation, which every load raises by one, and a ' +
    'holder, which every load draws at random.',
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    const pages = [channel.attach.page!]
    let last = channel
    for (let count = 0; count < 2; count++) {
      client.reload()
      const next = await nextLoad(server, last.attach)
      const { key, epoch, t, want, page } = next.attach
      expect([key, epoch]).toEqual([channel.attach.key, 'an-epoch'])
      // Numbers begin again with each generation.
      expect([t, want]).toEqual([1, 1])
      pages.push(page!)
      next.open()
      last = next
      await next.packet('attach')
    }
    const [first] = pages.map(([generation]) => generation)
    expect(pages.map(([generation]) => generation)).toEqual([first, first! + 1, first! + 2])
    expect(new Set(pages.map(([, holder]) => holder)).size).toBe(3)
  },
  { skip },
)

prove(
  '9.3',
  'A client MUST keep each message until it is accepted, and then drop it. It sends again from there on every new carrier.',
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    channel.send({ batch: [1, [['down'], ['more']]], tag: 'a-tag' })
    await client.untilMessages(2)
    client.send({ data: 'a' }, { data: { b: 1 } }, { bytes: 'AQID' })
    await untilNumber(channel, 3)
    channel.send({ ack: [1, 1, 2], batch: [3, [['mark']]] })
    await client.untilMessages(3)
    client.reload()
    const next = await nextLoad(server, channel.attach)
    expect(next.first.ack).toEqual([3, ''])
    next.open([1, 1, 3])
    const messages = await untilNumber(next, 2)
    expect(messages[0]).toEqual([2, { b: 1 }])
    next.send({ batch: [3, [['mark'], ['new']]] })
    // Each once, by whichever page.
    expect(await client.untilMessages(4)).toEqual(['down', 'more', 'mark', 'new'])
  },
  { with: 'a reload', skip },
)

prove(
  '4.6',
  'A client that has lost what it had, as by a reload, leaves the third element out, and gets the message from its beginning.',
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    const text = JSON.stringify('abcdefghij'.repeat(400))
    channel.send({
      batch: [1, [['before'], [text.slice(0, 1_000), 0, 8, 0, text.length]]],
    })
    await client.untilMessages(1)
    client.reload()
    const next = await nextLoad(server, channel.attach)
    const [number, tag, partial = 0] = next.first.ack!
    expect([number, tag]).toEqual([1, ''])
    expect([0, 1_000]).toContain(partial)
    next.open([0, 0, 2])
    next.send({ batch: [2, [[text.slice(partial), 0, 8, partial, text.length], ['after']]] })
    expect(await client.untilMessages(3)).toEqual(['before', JSON.parse(text), 'after'])
  },
  { with: 'down', skip },
)

prove(
  '4.6',
  'Up, the server keeps parts with the session until the message is accepted, and says in the fourth element of `ack` how much ' +
    'it has of the message after the last received one.',
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    const text = 'abcdefghij'.repeat(15_000)
    client.send({ data: text })
    const [data] = (await channel.packet('batch')).batch![1][0]!
    const { length } = String(data)
    channel.send({ ack: [0, 0, 0, length] })
    client.reload()
    const next = await nextLoad(server, channel.attach)
    next.open([0, 0, 0, length])
    let whole = String(data)
    while (whole.length < text.length + 2) {
      const [piece, , , from = 0] = (await next.packet('batch')).batch![1][0]!
      // A page that does not wait for `ack` begins anew.
      whole = whole.slice(0, from) + String(piece)
      next.send({ ack: [0, 0, 0, whole.length] })
    }
    expect(JSON.parse(whole)).toBe(text)
  },
  { with: 'up, after a reload', skip },
)

prove(
  '6.5',
  'Any other page than the one that holds the session is answered with `taken`, whatever its `t`.',
  async () => {
    const { server, client, channel } = await openScene({}, { resume: true })
    client.reload()
    const second = await nextLoad(server, channel.attach)
    second.end({ end: ['taken', 'why', 'reset'] }, 4_409)
    await client.event('reset')
    const third = await server.channel()
    expect(third.attach.key).not.toBe(channel.attach.key)
    expect(third.attach.epoch).toBeUndefined()
  },
  { with: 'a duplicated page', skip },
)
