/** Expectations of ends, which stand in the table of PROTOCOL.md 8, and of acknowledgements. */
import { expect } from 'vitest'
import { ENDS, type EndRow } from '../prove.ts'
import type { Socket } from './carriers.ts'
import type { Answer, Down } from './wire.ts'

/** The table's row of a type of end. */
function row(type: string): EndRow {
  const end = ENDS.get(type)
  if (!end) throw new Error(`PROTOCOL.md 8 has no ${type}`)
  return end
}

/** The packet's end is one of this type. */
export function expectEnd({ end }: Down, type: string): void {
  expect(end?.slice(0, 1).concat(end.slice(2, 3))).toEqual([type, row(type).then])
}

/** Fields that tell of a session. A refusal has none of them: it may be somebody else's. */
const SESSION_FIELDS: readonly (keyof Down)[] = [
  'hello',
  'ack',
  'gap',
  'batch',
  'tag',
  'volatile',
  'ticket',
  'ready',
  'token',
]

function expectNothingOfSession(packet: Down): void {
  expect(SESSION_FIELDS.filter((name) => packet[name] !== undefined)).toEqual([])
}

/** An answer is the end of its session, or of its place in it. */
export function expectEnded(answer: Answer, type: string): void {
  expectEnd(answer.packet, type)
  expect(answer.status).toBe(row(type).status)
}

/** An answer refuses its request. */
export function expectRefused(answer: Answer, type: string): void {
  expectEnded(answer, type)
  expectNothingOfSession(answer.packet)
}

/** A WebSocket ends. */
export async function expectClosed({ closed, feed }: Socket, type: string): Promise<void> {
  const { code, reason } = await closed
  expectEnd(feed.packets.at(-1) ?? {}, type)
  expect([code, reason]).toEqual([row(type).code, type])
}

/** A WebSocket is refused: it hears that, and nothing else. */
export async function expectNoEntry(socket: Socket, type: string): Promise<void> {
  await expectClosed(socket, type)
  expect(socket.feed.packets.length).toBe(1)
  expectNothingOfSession(socket.feed.packets[0]!)
}

/** How far the log up is received and accepted, and the head of the log down. */
export function expectAck({ ack }: Down, received: number, accepted: number, head: number): void {
  expect(ack?.slice(0, 3)).toEqual([received, accepted, head])
}

/** Milliseconds that count as at once: less than the shortest heartbeat interval by far, more than a busy machine needs. */
const AT_ONCE = 1_500

/** Resolves as the promise does, which has to be before any heartbeat. */
export async function atOnce<T>(promise: Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await promise
  expect(performance.now() - started).toBeLessThan(AT_ONCE)
  return result
}
