import { MAX_ENTRIES, encodeWhole, type EncodeBinary, type Message } from '../protocol.ts'

/**
 * Takes as many volatile messages as have room in a packet, as its field; the others wait for the next packet. What no packet of this
 * carrier has room for (`most` bytes) is dropped, or it would be in the way of the others.
 */
export function takeVolatile(
  waiting: Message[],
  room: number,
  most: number,
  encodeBinary?: EncodeBinary,
): { readonly text: string; readonly frame?: Uint8Array<ArrayBuffer> } {
  const entries: string[] = []
  let left = room
  let frame: Uint8Array<ArrayBuffer> | undefined
  while (waiting.length && !frame && entries.length < MAX_ENTRIES) {
    const entry = encodeWhole(waiting[0]!, encodeBinary)
    const isPossible = entry.bytes <= most
    if (isPossible && entry.bytes > left) break
    waiting.shift()
    if (!isPossible) continue
    left -= entry.bytes
    entries.push(entry.text)
    // `createMessage` has copied the bytes, so they are not shared memory.
    frame = entry.frame as Uint8Array<ArrayBuffer> | undefined
  }
  const text = entries.length ? `[${entries}]` : ''
  return frame ? { text, frame } : { text }
}
