/** Messages in parts, as clients put them together and cut them up. Without the code of the server. */
import { BINARY, PART, type Entry } from 'rungs/protocol'

/** Puts parts together that come one after the other. Bytes stay base64. Answers nothing until the last part of a message. */
export function partsJoiner(): (entry: Entry) => Entry | undefined {
  let text = ''
  let peer: Entry[1]
  return (entry) => {
    const [data, peerOfPart, kind = 0, offset = 0, size] = entry
    if (size === undefined) return entry
    const isBinary = (kind & BINARY) > 0
    if (offset === 0) [text, peer] = ['', peerOfPart]
    text += isBinary ? Buffer.from(String(data), 'base64').toString('latin1') : String(data)
    if (text.length < size) return undefined
    if (isBinary) return [Buffer.from(text, 'latin1').toString('base64'), peer ?? 0, BINARY]
    const whole: unknown = JSON.parse(text)
    return peer ? [whole, peer] : [whole]
  }
}

/** The entries of a batch with their numbers, those in parts put together by `join`. */
export function numbered(
  [first, entries]: readonly [number, readonly Entry[]],
  join: (entry: Entry) => Entry | undefined,
): (readonly [number: number, ...Entry])[] {
  return entries
    .map((entry, index) => [first + index, join(entry)] as const)
    .flatMap(([number, entry]) => (entry ? [[number, ...entry] as const] : []))
}

/** The part of a text message of the units from one offset to another, as an entry. */
export function partOf(data: unknown, from: number, to: number, peer: Entry[1] = 0): Entry {
  const text = JSON.stringify(data)
  return [text.slice(from, to), peer, PART, from, text.length]
}
