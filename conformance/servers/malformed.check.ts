/** What no client should send. Each is refused as the table says, changes nothing, and harms nobody else. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectClosed, expectRefused } from './expect.ts'
import { post } from './wire.ts'
import { WRONG_IN_ATTACH, WRONG_IN_PACKET, replaceField } from './wrong-values.ts'

const REFUSED =
  'What a server cannot read as described here, it refuses with `malformed`, and nothing of the packet is processed.'

/** A packet that would change something if it were processed, but for the field that is tried. */
const acting = (field: string): object => (field === 'batch' ? {} : { batch: batch(1, 'x') })

for (const [field, wrong] of Object.entries(WRONG_IN_ATTACH)) {
  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      for (const text of wrong) {
        const attach = replaceField(client.attach({ epoch: undefined }), field, text)
        const answer = await post(`{"attach":${attach},"batch":[1,[["x"]]],"bye":[0]}`)
        const what = text.slice(0, 100)
        expect([what, answer.status, answer.packet.end?.[0]]).toEqual([what, 400, 'malformed'])
      }
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: `attach.${field}, ${wrong.length} values` },
  )
}

for (const name of ['key', 't', 'want']) {
  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = new Client()
      const attach = { ...client.attach(), [name]: undefined }
      expectRefused(await client.lines([{ attach }]), 'malformed')
    },
    { with: `attach without ${name}` },
  )
}

for (const [field, wrong] of Object.entries(WRONG_IN_PACKET)) {
  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      for (const text of wrong) {
        // The first packet has a limit of its own.
        const isLong = text.length > 16_000
        const attach = client.attach()
        const body = isLong
          ? `${JSON.stringify({ attach })}\n${replaceField(acting(field), field, text)}`
          : replaceField({ attach, ...acting(field) }, field, text)
        const answer = await post(body)
        const what = text.slice(0, 100)
        // More than 20,000 entries are only read where a packet has room for them.
        const isTooLarge = body.length - body.indexOf('\n') - 1 > client.hello!.maxBatch + 20_000
        const type = isTooLarge ? 'too-large' : 'malformed'
        expect([what, answer.packet.end?.[0]]).toEqual([what, type])
        expectRefused(answer, type)
      }
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: `${field}, ${wrong.length} values` },
  )

  prove(
    '4.1',
    REFUSED,
    async () => {
      const client = await newSession()
      // Each costs a WebSocket: the first and the last few of a list are as good as all.
      for (const text of [...wrong.slice(0, 3), ...wrong.slice(-3)]) {
        const socket = await client.socket()
        socket.sendRaw(replaceField(acting(field), field, text))
        await expectClosed(socket, 'malformed')
      }
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: `${field} in a frame` },
  )
}

const NOT_PACKETS = [
  '',
  ' ',
  '{',
  'attach',
  'null',
  '1',
  '"{}"',
  '[]',
  '{}',
  '{"batch":[1,[["x"]]]}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":NaN}',
  '{}{}',
]

const NO_ATTACH =
  'A body that is not UTF-8, or whose first line is not the JSON text of a packet with `attach`, is refused with ' +
  '`malformed`.'

prove(
  '3.2',
  NO_ATTACH,
  async () => {
    for (const text of NOT_PACKETS) {
      expectRefused(await post(text), 'malformed')
      const behind = JSON.stringify({ attach: new Client().attach() })
      expectRefused(await post(`${text}\n${behind}`), 'malformed')
    }
  },
  { with: 'not a packet' },
)

prove(
  '3.2',
  NO_ATTACH,
  async () => {
    const client = await newSession()
    for (const bytes of [
      [0xff],
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5, 0x80, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const attach = JSON.stringify({ attach: client.attach() })
      const message = JSON.stringify({ batch: batch(1, 'x?') })
      for (const text of [`${attach.slice(0, -1)},"x":"?"}`, `${attach}\n${message}`]) {
        const [before, after] = text.split('?')
        const body = Buffer.concat([Buffer.from(before!), Buffer.from(bytes), Buffer.from(after!)])
        expectRefused(await post(body), 'malformed')
      }
    }
    const utf16 = Buffer.from(JSON.stringify({ attach: client.attach() }), 'utf16le')
    expectRefused(await post(utf16), 'malformed')
    expectAck((await client.exchange()).packet, 0, 0, 0)
  },
  { with: 'not UTF-8' },
)

prove('4.1', 'All numbers are integers from 0 to 2^53 − 1, written without fraction.', async () => {
  const client = await newSession()
  const most = Number.MAX_SAFE_INTEGER
  expect((await client.exchange({ accepted: most }, { t: most })).status).toBe(200)
  expectRefused(await client.exchange({}, { t: most + 1 }), 'malformed')
})

prove('4.1', '`null` is not the same as an absent field.', async () => {
  const client = await newSession()
  for (const fields of [{ ack: null }, { batch: null }, { answer: null }, { bye: null }]) {
    expectRefused(await client.exchange(fields), 'malformed')
  }
  for (const name of [
    'epoch',
    'page',
    'token',
    'heartbeat',
    'maxBatch',
    'url',
    'protocols',
    'features',
  ]) {
    expectRefused(await client.exchange({}, { [name]: null }), 'malformed')
  }
})

const IGNORED =
  'A receiver MUST ignore fields of objects that it does not know, so fields that may be ignored can be added to this ' +
  'version.'

prove('2', IGNORED, async () => {
  const client = new Client()
  const { status } = await client.exchange(
    { later: { key: 1 }, answer: 'now', batch: batch(1, 'x'), end: ['closed', '', 'final'] },
    { later: [], features: ['x', 'y'.repeat(64)] },
  )
  expect(status).toBe(200)
  const socket = await client.socket({ ready: 'not yet' })
  socket.send({ gap: 7, batch: batch(2, 'y'), tag: null })
  expect(await socket.feed.untilData('y')).toEqual(['x', 'y'])
})

prove(
  '2',
  "A server names in `hello` those of the client's that it knows, and an end uses a feature only after both have named " +
    'it.',
  async () => {
    const names = ['no server knows this', 'rungs-conformance']
    const { packet } = await new Client().exchange({}, { features: names })
    expect((packet.hello!.features ?? []).filter((name) => !names.includes(name))).toEqual([])
    expect((packet.hello!.features ?? []).filter((name) => names.includes(name))).toEqual([])
  },
)
