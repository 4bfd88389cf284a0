/** A request that is refused has done nothing, whatever it brings. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectNoEntry, expectRefused } from './expect.ts'
import {
  FAULTS,
  attachRequest,
  goodRequest,
  makeScene,
  sendRequest,
  type Fault,
  type Request,
} from './faults.ts'

const NOTHING =
  'A request that is refused up to here has done nothing: no session is created, no mark, page or position is taken, no ' +
  'reader ends, no message is handled, and it is no contact.'

/** A request that would do everything at once: acknowledge, take over, end readers, send, and say goodbye. */
function greedy(request: Request, client: Client, { step }: Fault): Request {
  const t = Number(request.attach.t)
  return {
    ...request,
    // The numbers of a page that takes over begin again: then none is below the mark.
    attach: {
      ...request.attach,
      ...(step !== 8 && { page: [2, 'mallory'] }),
      t: t + 50,
      want: t + 50,
    },
    fields: {
      ...request.fields,
      ack: client.at(2),
      batch: batch(3, 'mallory'),
      volatile: [['mallory']],
      probe: 1,
      bye: [0],
    },
  }
}

for (const fault of FAULTS) {
  prove(
    '6.4',
    NOTHING,
    async () => {
      const scene = await makeScene()
      const { client } = scene
      const reader = await client.socket({}, { t: 21, want: 10 })
      client.want = 10
      await reader.feed.untilData('b')
      const request = fault.apply(greedy(goodRequest(scene), client, fault), scene)
      expectRefused(await sendRequest(request), fault.type)
      if (fault.onSocket) await expectNoEntry(await attachRequest(request), fault.type)
      // Nothing was acknowledged or handled; the mark is where it was, and the page.
      expect(await client.readData()).toEqual(['a', 'b'])
      const { packet } = await client.exchange({}, { t: 10, want: 10 })
      expectAck(packet, 2, 2, 2)
      // Nor has the reader ended.
      reader.send({ batch: batch(3, 'mine') })
      await reader.feed.untilData('mine')
      expect(reader.feed.messages.map(({ data }) => data)).toEqual(['a', 'b', 'mine'])
    },
    { with: fault.name },
  )
}

prove(
  '6.4',
  NOTHING,
  async () => {
    const client = await newSession()
    const readers = []
    for (const t of [11, 12, 13]) readers.push(await client.socket({}, { t }))
    const fields = { batch: batch(1, 'late'), volatile: [['late']], bye: [0], probe: 1 }
    await expectNoEntry(await client.attaching(fields, { t: 5, want: 5 }), 'superseded')
    const wait = { batch: batch(1, 'late'), volatile: [['late']], answer: 'wait' }
    expectRefused(await client.exchange(wait, { t: 6, want: 6 }), 'superseded')
    expectAck((await client.exchange({}, { t: 2, want: 1 })).packet, 0, 0, 0)
    for (const { feed } of readers) expect(feed.messages).toEqual([])
  },
  { with: 'three later readers' },
)

for (const [what, attach] of [
  ['a token that is refused', { token: 'refuse' }],
  ['another version', { version: 2 }],
  ['a wrong field', { heartbeat: 1 }],
  ['an epoch', { epoch: 'any' }],
] as const) {
  prove(
    '10',
    'A request that does not pass all checks of 6.4 creates no session, acknowledges nothing, and none of its messages ' +
      'is handled.',
    async () => {
      const client = new Client()
      const fields = { batch: batch(1, 'x'), stream: 'sse' }
      expect((await client.exchange(fields, attach)).packet.end).toBeDefined()
      await (
        await client.attaching(fields, attach)
      ).closed
      expectRefused(await client.exchange({}, { epoch: 'any' }), 'gone')
      expectAck((await client.exchange({}, { t: 1 })).packet, 0, 0, 0)
    },
    { with: what },
  )
}

prove(
  '10',
  'Refusals can be read by pages that were refused; they MUST NOT contain anything about sessions of others.',
  async () => {
    const scene = await makeScene()
    const { client } = scene
    const { id, epoch } = client.hello!
    for (const fault of FAULTS) {
      if (fault.type === 'closed') continue
      const { text } = await sendRequest(fault.apply(goodRequest(scene), scene))
      for (const secret of [client.key, id, epoch, 'user:alice', '"alice"']) {
        expect(text).not.toContain(secret)
      }
    }
  },
)
