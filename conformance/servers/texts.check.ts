/** Texts: how long they are, what UTF-8 cannot carry, and how deep JSON may be nested. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import type { Fields } from './carriers.ts'
import { Client, newSession, randomKey } from './client.ts'
import { expectAck, expectClosed, expectRefused } from './expect.ts'
import { post } from './wire.ts'

/** Characters of one unit and three bytes, and of two units and four bytes. */
const EURO = '€'
const CLEF = '𝄞'

/** Texts with so many units, and one with a unit more, in characters that tell units from bytes and from code points. */
const euros = (most: number): [string, string] => [EURO.repeat(most), EURO.repeat(most + 1)]
const clefs = (most: number): [string, string] => [
  CLEF.repeat(most / 2),
  `${CLEF.repeat(most / 2)}x`,
]

const UNITS = 'Lengths of texts are counted in UTF-16 code units.'

for (const [what, [longest, longer]] of [
  ['three bytes', euros(64)],
  ['two units', clefs(64)],
] as const) {
  prove(
    '4.1',
    UNITS,
    async () => {
      const fresh = (attach: Fields) => new Client().exchange({}, attach)
      expect((await fresh({ page: [0, longest] })).status).toBe(200)
      expectRefused(await fresh({ page: [0, longer] }), 'malformed')
      // It is read, and then not known.
      expectRefused(await fresh({ epoch: longest }), 'gone')
      expectRefused(await fresh({ epoch: longer }), 'malformed')
      const lists = [{ protocols: [longest] }, { features: [longest] }]
      for (const fields of lists) expect((await fresh(fields)).status).toBe(200)
      for (const fields of [{ protocols: [longer] }, { features: [longer] }]) {
        expectRefused(await fresh(fields), 'malformed')
      }
    },
    { with: `64 of ${what}` },
  )
}

prove(
  '4.1',
  UNITS,
  async () => {
    const [longest, longer] = euros(2_048)
    expect((await new Client().exchange({}, { url: longest })).status).toBe(200)
    expectRefused(await new Client().exchange({}, { url: longer }), 'malformed')
    // With its quotes it has 4,096.
    const [meta, tooMuch] = euros(4_094)
    expect((await new Client().exchange({}, { meta })).status).toBe(200)
    expectRefused(await new Client().exchange({}, { meta: tooMuch }), 'malformed')
    const token = 'x'.repeat(8_192)
    expect((await new Client().exchange({}, { token })).status).toBe(200)
    const [reason, tooLong] = clefs(256)
    const client = await newSession()
    expectRefused(await client.exchange({ bye: [0, 4000, tooLong] }), 'malformed')
    await client.exchange({ bye: [0, 4000, reason] })
    const ended = await client.settledEnd()
    expect(ended.packet.end![1]).toBe(reason)
  },
  { with: 'longer ones' },
)

prove(
  '4.1',
  UNITS,
  async () => {
    const client = await newSession()
    const [longest, longer] = euros(256)
    const to = (user: string) => ({ batch: [1, [['x', [user]]]] })
    expectRefused(await client.exchange(to(longer)), 'malformed')
    expect((await client.exchange(to(longest))).status).toBe(200)
    const many = Array.from({ length: 100 }, (_, index) => `u${index}`)
    await client.sendEntries(1, ['x', [longest]], ['y', many])
    const [first, second] = await client.read()
    expect([first?.peer, second?.peer]).toEqual([[longest], many])
  },
  { with: 'recipients' },
)

prove(
  '4.2',
  "| `attach.key` | 16 to 64 characters of `0-9a-z` | The session's key. |",
  async () => {
    for (const length of [16, 64]) {
      const client = new Client()
      client.key = randomKey().repeat(2).slice(0, length)
      const { packet } = await client.exchange()
      expect((await client.exchange({ hello: 1 })).packet.hello!.id).toBe(packet.hello!.id)
    }
    const key = `zyx${randomKey().slice(3)}`
    expect((await new Client().exchange({}, { key })).status).toBe(200)
  },
)

const SURROGATES = 'A sender MUST escape lone surrogates (`\\ud800`), which UTF-8 cannot carry.'

/** Texts and values with surrogates that have no partner. */
const lone = ['\ud800', 'a\udfffb', '\udc00\ud800', ['\ud834'], { '\udc01': '\ud801' }]

for (const carrier of ['exchange', 'WebSocket', 'SSE'] as const) {
  prove(
    '4.1',
    SURROGATES,
    async () => {
      const client = await newSession()
      await client.send(1, ...lone, 'end')
      if (carrier === 'exchange') {
        expect(await client.readData()).toEqual([...lone, 'end'])
      } else {
        const { feed } = carrier === 'SSE' ? await client.stream('sse') : await client.socket()
        expect(await feed.untilData('end')).toEqual([...lone, 'end'])
      }
    },
    { with: `messages, ${carrier}` },
  )
}

prove(
  '4.1',
  SURROGATES,
  async () => {
    const client = await newSession()
    await client.sendEntries(1, ['x', ['\ud800']])
    expect((await client.read())[0]!.peer).toEqual(['\ud800'])
    const socket = await client.socket()
    await client.exchange({ bye: [0, 4000, 'so \udc00'] })
    await expectClosed(socket, 'closed')
    expect(socket.feed.packets.at(-1)!.end![1]).toBe('so \udc00')
  },
  { with: 'recipients and reasons' },
)

const NESTED = 'JSON nested in more than 1,000 arrays and objects is refused with `malformed`.'

/** JSON text that is nested so deep. */
const deep = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels)

const objects = (levels: number): string => `${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`

/** A message alone is nested so deep; the packet around it has four levels more. */
for (const [what, allowed, refused] of [
  ['arrays', deep(996), deep(1_001)],
  ['objects', objects(996), objects(1_001)],
  ['20,000 levels', deep(900), deep(20_000)],
] as const) {
  prove(
    '4.1',
    NESTED,
    async () => {
      const other = await newSession()
      const client = await newSession()
      const body = (data: string): string => `{"batch":[1,[[${data}]]]}`
      expectRefused(await client.raw(body(refused)), 'malformed')
      expectRefused(await client.raw(`{"volatile":[[${refused}]]}`), 'malformed')
      expectRefused(await client.raw(`{"unknown":${refused}}`), 'malformed')
      const socket = await client.socket()
      socket.sendRaw(body(refused))
      await expectClosed(socket, 'malformed')
      expect((await client.raw(body(allowed))).status).toBe(200)
      await client.settled(1)
      expect(JSON.stringify((await client.readData())[0])).toBe(allowed)
      expectAck((await other.send(1, 'fine')).packet, 1, 1, 1)
    },
    { with: what },
  )
}

prove(
  '4.1',
  NESTED,
  async () => {
    const client = await newSession()
    const texts = ['['.repeat(5_000), '{"[{'.repeat(2_000), '\\"[['.repeat(1_000)]
    const wide = Array.from({ length: 3_000 }, () => [])
    await client.send(1, ...texts, wide)
    expect(await client.readData()).toEqual([...texts, wide])
  },
  { with: 'brackets in texts, and many beside each other, are not deep' },
)

prove(
  '4.1',
  NESTED,
  async () => {
    const attach = JSON.stringify(new Client().attach())
    expectRefused(
      await post(`{"attach":${attach.slice(0, -1)},"meta":${deep(1_001)}}}`),
      'malformed',
    )
  },
  { with: 'in the attach packet' },
)
