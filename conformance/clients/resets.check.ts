/** Duties of a client: the end of a session and what becomes of its messages (PROTOCOL.md 6.6 and 9.3). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import type { Channel } from './carriers.ts'
import { messagesOf, openScene, pollScene, untilNumber } from './scenes.ts'
import { HELLO } from './wire.ts'

const RESETS =
  'After a reset (6.6) a client MUST forget the session with its key, epoch, position and every `t`, and draw a new key for ' +
  'the next.'
const IN_DOUBT = 'A client MUST NOT send the latter again by itself unless it was told to.'
const SORTED =
  'Messages that were not accepted go back to the application: those that no carrier was ever given were certainly not ' +
  'handled; the others are in doubt.'

const LOSSES: readonly (readonly [what: string, lose: (channel: Channel) => void])[] = [
  ['an end', (channel) => channel.end({ end: ['gone', 'unknown', 'reset'] })],
  [
    'another epoch',
    (channel) => channel.send({ hello: { ...HELLO, epoch: 'other' }, ack: [0, 0, 0] }),
  ],
]

for (const [what, lose] of LOSSES) {
  prove(
    '9.3',
    RESETS,
    async () => {
      const { server, client, channel } = await openScene()
      channel.send({ batch: [1, [['a']]] })
      await client.untilMessages(1)
      lose(channel)
      await client.event('reset')
      const next = await server.channel()
      const { key, epoch, t, want } = next.attach
      expect(key).not.toBe(channel.attach.key)
      expect([epoch, t, want, next.first.ack ?? [0, '']]).toEqual([undefined, 1, 1, [0, '']])
      next.open([0, 0, 1], { epoch: 'the-next' })
      next.send({ batch: [1, [['b']]] })
      expect(await client.untilMessages(2)).toEqual(['a', 'b'])
    },
    { with: what },
  )
  prove(
    '9.3',
    IN_DOUBT,
    async () => {
      const { server, client, channel } = await openScene()
      client.send({ data: 'in doubt' })
      await channel.packet('batch')
      lose(channel)
      expect((await client.event('reset')).inDoubt).toEqual([{ data: 'in doubt' }])
      const next = await server.channel()
      next.open([0, 0, 0], { epoch: 'the-next' })
      client.send({ data: 'new' })
      expect(await untilNumber(next, 1)).toEqual([[1, 'new']])
    },
    { with: what },
  )
}

prove('9.3', SORTED, async () => {
  const { server, client } = await pollScene()
  client.send({ data: 'twice', times: 2 })
  const upload = await server.upload()
  expect(messagesOf([upload.packet]).length).toBe(2)
  client.send({ data: { never: 'sent' } }, { bytes: 'AQID' })
  // The commands have no answer.
  await delay(1_000)
  upload.answer({ ack: [2, 1, 0] })
  const next = await server.upload()
  // Those go up with the next exchange, and then no carrier was given what is sent behind it.
  expect(messagesOf([next.packet])[0]![0]).toBe(3)
  client.send({ data: 'unsent' })
  await delay(1_000)
  next.answer({ end: ['gone', 'expired', 'reset'] }, 410)
  const { unsent, inDoubt } = await client.event('reset')
  expect(inDoubt).toEqual([{ data: 'twice' }, { data: { never: 'sent' } }, { bytes: 'AQID' }])
  expect(unsent).toEqual([{ data: 'unsent' }])
})

prove(
  '9.3',
  'After `forbidden` it MUST NOT send any of them again by itself: they are the words of another user.',
  async () => {
    const { server, client } = await pollScene()
    client.send({ data: 'handed out' })
    const upload = await server.upload()
    client.send({ data: 'not even sent' })
    await delay(1_000)
    upload.answer({ end: ['forbidden', 'why', 'reset'] }, 403)
    const { unsent, inDoubt } = await client.event('reset')
    expect([...inDoubt!, ...unsent!]).toEqual([{ data: 'handed out' }, { data: 'not even sent' }])
    const first = await server.carrier()
    if (first.kind === 'exchange') {
      expect(first.attach.key).not.toBe(upload.attach.key)
      expect(first.packet.batch).toBeUndefined()
      first.answer({ hello: { ...HELLO, epoch: 'the-next' }, ack: [0, 0, 0], ready: 1 })
    }
    client.send({ data: 'new words' })
    expect(messagesOf([(await server.upload()).packet])).toEqual([[1, 'new words']])
  },
)
