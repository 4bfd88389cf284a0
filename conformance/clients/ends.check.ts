/** Duties of a client: what it does after an end (PROTOCOL.md 8 and 9.1). */
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { ENDS, prove } from '../prove.ts'
import type { Channel } from './carriers.ts'
import { Client } from './program.ts'
import { WEBSOCKET, openScene, pollScene } from './scenes.ts'
import { startServer } from './server.ts'
import { HELLO } from './wire.ts'

const GOES_BY =
  'A client MUST go by the third element of an end, so that it knows what to do with types that are not in section 8.'

for (const type of ['a-new-type', 'timeout']) {
  prove(
    '9.1',
    GOES_BY,
    async () => {
      const { server, client, channel: first } = await openScene()
      first.end({ end: [type, 'why', 'reset'] })
      await client.event('reset')
      const second = await server.channel()
      expect(second.attach.key).not.toBe(first.attach.key)
      expect([second.attach.epoch, second.attach.t]).toEqual([undefined, 1])
    },
    { with: `reset of ${type}` },
  )
  prove(
    '9.1',
    GOES_BY,
    async () => {
      const { server, client, channel: first } = await openScene()
      first.end({ end: [type, 'why', 'final'] })
      await client.event('closed')
      await delay(1_000)
      expect(server.carriers).toEqual([first])
    },
    { with: `final of ${type}` },
  )
}

for (const [then, sentence] of [
  ['retry', GOES_BY],
  ['something-new', 'A third element that it does not know means `retry`.'],
  ['', 'A third element that it does not know means `retry`.'],
] as const) {
  prove(
    '9.1',
    sentence,
    async () => {
      const { server, client, channel: first } = await openScene()
      first.end({ end: ['a-new-type', 'why', then] })
      const second = await server.channel()
      expect(second.attach.key).toBe(first.attach.key)
      expect(second.attach.epoch).toBe(HELLO.epoch)
      expect([client.has('reset'), client.has('closed')]).toEqual([false, false])
    },
    { with: `'${then}'` },
  )
}

// An end that is final stays so as the answer to an exchange, with whatever status.
prove(
  '9.1',
  GOES_BY,
  async () => {
    const { server, client, poll } = await pollScene()
    poll.answer({ end: ['closed', 'enough', 'final', 4_000] }, 200)
    expect((await client.event('closed')).reason).toBe('enough')
    await delay(1_000)
    expect(server.waiting).toEqual([])
  },
  { with: 'final in an answer with status 200' },
)

const SPEAKS =
  'A client that gets `unsupported-version` with another `version` that it speaks MUST attach again with that one; otherwise the ' +
  'end is final.'

for (const [what, fields] of [
  ['without a version', {}],
  ['a version that it does not speak', { version: 0 }],
  ['the version that it has said', { version: 1 }],
] as const) {
  prove(
    '9.1',
    SPEAKS,
    async () => {
      const server = await startServer()
      const client = new Client(server.url, WEBSOCKET)
      const channel = await server.channel()
      const { version } = channel.attach
      channel.end({ end: ['unsupported-version', 'why', 'final'], ...fields }, 4_400)
      if (version > 1 && 'version' in fields && fields.version === 1) {
        expect((await server.channel()).attach.version).toBe(1)
        return
      }
      await client.event('closed')
      await delay(1_000)
      expect(server.carriers.length).toBe(1)
    },
    { with: what },
  )
}

const TWICE =
  'A client that gets `malformed` or `too-large` a second time for the same packet MUST end the session, and tell the ' +
  'application what was not delivered.'

const refuse = (channel: Channel, type: string): void => {
  // A server may call its refusal of a packet what it likes; the client must not send it for ever.
  channel.end({ end: [type, 'why', 'retry'] }, 4_000 + ENDS.get(type)!.status)
}

for (const type of ['malformed', 'too-large']) {
  prove(
    '9.1',
    TWICE,
    async () => {
      const { server, client, channel: first } = await openScene()
      client.send({ data: 'refused' })
      await first.packet('batch')
      refuse(first, type)
      const second = await server.channel()
      second.open()
      await second.packet('batch')
      refuse(second, type)
      const told = await Promise.race([client.event('reset'), client.event('closed')])
      expect([...told.unsent!, ...told.inDoubt!]).toEqual([{ data: 'refused' }])
    },
    { with: type },
  )
}

prove(
  '9.1',
  TWICE,
  async () => {
    const { server, client, channel: first } = await openScene()
    client.send({ data: 'one' })
    await first.packet('batch')
    refuse(first, 'malformed')
    const second = await server.channel()
    second.open()
    await second.packet('batch')
    second.send({ ack: [1, 1, 1], batch: [1, [['accepted']]] })
    await client.untilMessages(1)
    client.send({ data: 'two' })
    await second.packet('batch')
    refuse(second, 'malformed')
    const third = await server.channel()
    expect(third.attach.key).toBe(first.attach.key)
    expect([client.has('reset'), client.has('closed')]).toEqual([false, false])
  },
  { with: 'another packet' },
)
