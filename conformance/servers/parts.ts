/** Large messages, and how a client cuts them (PROTOCOL.md 4.6). */
import { randomBytes } from 'node:crypto'
import type { Client } from './client.ts'
import { terms } from './client.ts'
import type { Answer, Entry } from './wire.ts'

export const { maxMessage, maxBatch } = await terms()

/** Bytes of a piece that fits a batch however it is encoded: base64 takes a third more, escapes up to seven times as much. */
export const PIECE = 8_000

/** What is counted of a message that is cut: its bytes, or the units of its JSON text. */
export const bodyOf = (data: unknown): string | Buffer =>
  Buffer.isBuffer(data) ? data : JSON.stringify(data)

/** Something to compare messages by. Bytes are slow to compare, one by one. */
export const legible = (data: unknown): unknown =>
  Buffer.isBuffer(data) ? data.toString('base64') : data

/** The part of a message from one offset to another, as base64 if it is bytes. */
export function partOf(data: unknown, offset: number, end: number, peer: unknown = 0): Entry {
  const body = bodyOf(data)
  const piece = body.slice(offset, end)
  return Buffer.isBuffer(piece)
    ? [piece.toString('base64'), peer, 9, offset, body.length]
    : [piece, peer, 8, offset, body.length]
}

/** All parts of a message, cut at some offsets. */
export function cutAt(data: unknown, cuts: readonly number[], peer: unknown = 0): Entry[] {
  const { length } = bodyOf(data)
  return [0, ...cuts].map((offset, index) => partOf(data, offset, cuts[index] ?? length, peer))
}

/** All parts of a message, in pieces of one length. */
export function inPieces(data: unknown, length = PIECE, peer: unknown = 0): Entry[] {
  const count = Math.floor((bodyOf(data).length - 1) / length)
  return cutAt(
    data,
    Array.from({ length: count }, (_, index) => (index + 1) * length),
    peer,
  )
}

/** Sends parts, each in an exchange of its own. Resolves to the last answer. */
export async function sendParts(client: Client, number: number, parts: Entry[]): Promise<Answer> {
  let answer: Answer | undefined
  for (const part of parts) {
    answer = await client.lines([{ attach: client.attach() }, { batch: [number, [part]] }])
    if (answer.packet.end) break
  }
  return answer!
}

/** Messages that are larger than a batch, each hard to cut in its own way. */
export const LARGE: Readonly<Record<string, unknown>> = {
  'a text': 'x'.repeat(maxBatch + 30_000),
  'characters of several bytes': 'aé€𝄞'.repeat(Math.floor(maxBatch / 8)),
  escapes: '\u0001"\\\n\u2028</script>'.repeat(Math.floor(maxBatch / 16)),
  'lone surrogates': '\ud800x\udc00'.repeat(Math.floor(maxBatch / 8)),
  JSON: Array.from({ length: maxBatch / 20 }, (_, n) => ({ n, list: [null, true, `n ${n}`] })),
  bytes: randomBytes(maxBatch + 30_000),
}
