/** Exchanges that wait: when they are answered, and with what. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { atOnce, expectAck, expectEnded } from './expect.ts'

const WAIT_ENDS =
  'A server MUST answer an exchange that waits as soon as there is a message after its position, a volatile message, ' +
  'or news of what is accepted.'

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    const { packet } = await atOnce(client.exchange({ answer: 'wait', accepted: 1 }))
    expect(packet.batch).toEqual([1, [['a']]])
    const waiting = client.exchange({ answer: 'wait', ack: client.at(1), accepted: 2 })
    await client.send(2, 'b')
    expect((await atOnce(waiting)).packet.batch).toEqual([2, [['b']]])
  },
  { with: 'a message' },
)

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    const waiting = client.exchange({ answer: 'wait', accepted: 1 })
    await client.send(1, 'volatile')
    const { packet } = await atOnce(waiting)
    expect(packet.volatile).toEqual([['volatile']])
    expect(packet.batch).toBeUndefined()
  },
  { with: 'a volatile message' },
)

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    const waiting = client.exchange({ answer: 'wait', accepted: 0 })
    // Whom it is for is not there, so nothing comes down.
    await client.exchange({ batch: [1, [['hi', ['friend of nobody']]]] })
    const { packet } = await atOnce(waiting)
    expectAck(packet, 1, 1, 0)
    expect(packet.batch).toBeUndefined()
  },
  { with: 'news of what is accepted' },
)

prove(
  '3.2',
  WAIT_ENDS,
  async () => {
    const client = await newSession()
    const { packet } = await atOnce(
      client.lines([
        { attach: client.attach(), answer: 'wait', accepted: 0 },
        { batch: batch(1, 'a') },
      ]),
    )
    // The answer is for its own message, whichever comes first: the echo, or the word that it is accepted.
    expect(packet.batch?.[0] ?? packet.ack![1]).toBe(1)
  },
  { with: 'a message of its own' },
)

prove(
  '3.2',
  "News of what is accepted is any number above the client's own, which it says in `accepted`; without the field it is 0.",
  async () => {
    const client = await newSession()
    await client.send(1, 'a')
    await client.read()
    for (const accepted of [0, undefined]) {
      const fields = { answer: 'wait', ack: client.at(1), accepted }
      const { packet } = await atOnce(client.exchange(fields))
      expectAck(packet, 1, 1, 1)
      expect(packet.batch).toBeUndefined()
    }
  },
)

const ENDS = 'If its session ends meanwhile or its place is taken, the answer is an end (8).'

prove(
  '3.2',
  ENDS,
  async () => {
    const client = await newSession()
    const parked = client.exchange({ answer: 'wait' })
    await client.exchange({}, { want: client.t + 1 })
    expectEnded(await atOnce(parked), 'superseded')
  },
  { with: 'its place is taken' },
)

prove(
  '3.2',
  ENDS,
  async () => {
    const client = await newSession()
    const waiting = client.exchange({ answer: 'wait' })
    await client.exchange({ bye: [0, 4001, 'over'] })
    expectEnded(await atOnce(waiting), 'closed')
    expect((await waiting).packet.end!.slice(1)).toEqual(['over', 'final', 4001])
  },
  { with: 'its session ends' },
)

prove(
  '8',
  'The application or the client closed the session; reason and code are theirs.',
  async () => {
    const client = await newSession()
    await client.send(1, 'close me')
    const answer = await client.exchange()
    expectEnded(answer, 'closed')
    expect(answer.packet.end!.slice(1)).toEqual(['as you wish', 'final', 4321])
  },
  { with: 'by the application' },
)

prove(
  '6.9',
  'This MUST hold whichever node has the carrier; an exchange that waits is answered.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const started = performance.now()
    // The probe may arrive first, and then finds nobody who waits.
    const waiting = client.exchange({ answer: 'wait' })
    const asking = setInterval(() => void client.exchange({ probe: 1 }), heartbeat / 20)
    const { packet } = await waiting.finally(() => clearInterval(asking))
    expectAck(packet, 0, 0, 0)
    expect(packet.ready).toBe(1)
    expect(performance.now() - started).toBeLessThan(heartbeat / 2)
  },
)

prove(
  '3.2',
  'With `within`, it answers so after as many milliseconds, if they are fewer.',
  async () => {
    const client = new Client()
    const { heartbeat } = (await client.exchange()).packet.hello!
    const started = performance.now()
    const { packet } = await client.exchange({ answer: 'wait', within: 100 })
    expectAck(packet, 0, 0, 0)
    expect(packet.ready).toBe(1)
    expect(performance.now() - started).toBeGreaterThan(90)
    expect(performance.now() - started).toBeLessThan(heartbeat / 2)
  },
)
