/** What can happen on a network, to a page and to a server, one thing at a time. */
import fc from 'fast-check'

const ACTS = {
  'a message up': 6,
  'a message down': 6,
  'a stream opens': 2,
  'a poll opens': 2,
  'what is to be sent is sent': 6,
  'a frame arrives up': 10,
  'a frame arrives down': 10,
  'a request arrives': 6,
  'a request arrives again': 2,
  'an answer arrives': 6,
  'a packet arrives again': 3,
  'the client lets a carrier go': 2,
  'a connection breaks': 2,
  'a handler finishes': 6,
  'time passes': 2,
  'a listener comes or goes': 1,
  'the page reloads': 1,
  'the server forgets': 0,
} as const

export type Act = keyof typeof ACTS

export interface Step {
  readonly act: Act
  /** Which of the things that it could be done to. */
  readonly pick: number
}

/** Steps of all kinds, some more often than others. */
export function steps(more: Partial<Record<Act, number>> = {}): fc.Arbitrary<Step[]> {
  const weights = Object.entries({ ...ACTS, ...more }).filter(([, weight]) => weight > 0)
  const act = fc.oneof(
    ...weights.map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Act) })),
  )
  return fc.array(fc.record({ act, pick: fc.nat(99) }), { maxLength: 150, size: 'max' })
}

/** Data as it can be compared: a text for each message. */
export const textOf = (data: unknown): string =>
  data instanceof Uint8Array ? `bytes ${data.join()}` : JSON.stringify(data)

/** Data number so-and-so; texts, objects and bytes, small and large. */
export function dataOf(number: number, pick: number): unknown {
  if (pick % 5 === 0) return new Uint8Array([number >> 8, number & 255])
  if (pick % 5 === 1) return { number }
  return pick === 99 ? `${number} ${'x'.repeat(25_000)}` : `${number}`
}
