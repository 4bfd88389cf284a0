import { MAX_BATCH, encodeEntry } from 'rungs/protocol'
import type { OutgoingMessage } from '../store/outgoing-message.ts'

/** Entries for one packet. */
export interface Entries {
  readonly texts: readonly string[]
  /** Bytes of the texts in UTF-8, with a comma for each. */
  readonly size: number
  /** The binary frame that the last entry announces. */
  readonly frame: Uint8Array | undefined
}

export const NO_ENTRIES: Entries = { texts: [], size: 0, frame: undefined }

/**
 * Removes as many messages from the front of a queue as a packet has room for, and encodes them. A message that goes as a
 * frame is the last, because only the last entry of a packet may announce one (PROTOCOL.md 4.5).
 *
 * @param room Bytes. A packet that is empty, which has room for `MAX_BATCH`, takes a larger message all the same.
 */
export function shiftEntries(queue: OutgoingMessage[], room: number, asFrames: boolean): Entries {
  const texts: string[] = []
  let size = 0
  let frame: Uint8Array | undefined
  for (const message of queue) {
    const { body } = message
    const isFrame = asFrames && typeof body !== 'string'
    const bytes = isFrame ? 0 : message.entryBytes + 1
    if (size + bytes > room && (texts.length > 0 || room < MAX_BATCH)) break
    size += bytes
    texts.push(isFrame ? encodeEntry(message) : message.entry)
    if (isFrame) {
      frame = body
      break
    }
  }
  queue.splice(0, texts.length)
  return { texts, size, frame }
}
