/** Messages that come in parts (PROTOCOL.md 4.6). */
import { countContainers } from './depth.ts'
import { BINARY, FRAME, PART, type Entry, type Peer } from './packets.ts'

/** Bytes or units of the smallest part that is not the last of its message. */
export const MIN_PART_LENGTH = 128

/** The beginning of a message whose other parts are still to come. */
export interface PartialMessage {
  readonly peer: Peer
  /** Kind of the message, without {@link PART} and {@link FRAME}. */
  readonly kind: number
  /** Length of the whole: bytes, or UTF-16 code units of its JSON text. */
  readonly size: number
  /** Length of what is there. */
  readonly length: number
  readonly pieces: readonly (string | Uint8Array)[]
}

/** Whether an entry is a part of a message. Its data is a text, or bytes that were decoded. */
export const isPart = ([, , kind = 0]: Entry): boolean => (kind & PART) > 0

/**
 * Adds a part to what is there of its message. Answers the same if nothing is new, `gap` if something before it is missing, and
 * `malformed` if the part is not of this message, or breaks the rules for parts.
 */
export function addPart(
  partial: PartialMessage | undefined,
  [data, peer = 0, kind = 0, offset = 0, size = 0]: Entry,
): PartialMessage | 'gap' | 'malformed' {
  const isBinary = (kind & BINARY) > 0
  if (isBinary ? !(data instanceof Uint8Array) : typeof data !== 'string') return 'malformed'
  const piece = data as string | Uint8Array
  const end = offset + piece.length
  const isTooSmall = piece.length < MIN_PART_LENGTH && end < size
  if (!piece.length || end > size || isTooSmall) return 'malformed'
  const begun = partial || { peer, kind: kind & ~(PART | FRAME), size, length: 0, pieces: [] }
  if (size !== begun.size || isBinary !== (begun.kind & BINARY) > 0) return 'malformed'
  if (offset > begun.length) return 'gap'
  const known = begun.length - offset
  if (known >= piece.length) return begun
  const fresh = typeof piece === 'string' ? piece.slice(known) : piece.subarray(known)
  return { ...begun, length: end, pieces: begun.pieces.concat(fresh) }
}

/** The entry of a message whose parts are all there; nothing if its text is not JSON. */
export function joinParts({ peer, kind, size, pieces }: PartialMessage): Entry | undefined {
  if (!(kind & BINARY)) {
    try {
      const json = pieces.join('')
      return isFinite(countContainers(json)) ? [JSON.parse(json), peer, kind] : undefined
    } catch {
      // A SyntaxError: the pieces are not those of one JSON text.
      return undefined
    }
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const piece of pieces as readonly Uint8Array[]) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return [bytes, peer, kind]
}
