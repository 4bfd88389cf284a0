/** The values of messages that come as JSON text: how deep, of how many values, and how large they may be (PROTOCOL.md 4.1 and 5). */
import { MAX_DEPTH, countContainers, createMessage } from 'rungs/protocol'
import { check, malformed } from '../checks.ts'
import { Refusal } from '../errors.ts'

/** A value, and the memory that it takes beside its text. */
export interface ParsedJson {
  readonly value: unknown
  /** Arrays and objects of the value. Each takes about 64 bytes, whatever is in it. */
  readonly containers: number
}

/**
 * Parses JSON text. Throws a {@link Refusal} if it has too many arrays and objects, or too many in one another. The text is scanned
 * before, so that nothing is made of one that is refused.
 *
 * @param maxContainers Arrays and objects.
 * @param maxDepth Arrays and objects in one another, as in {@link countContainers}.
 */
export function parseJson(
  text: string,
  maxContainers: number,
  maxDepth: number | ((field: string) => number) = MAX_DEPTH,
): ParsedJson {
  const containers = countContainers(text, maxContainers, maxDepth)
  check(
    containers <= maxContainers,
    `the JSON has more than ${maxContainers} arrays and objects, or more than ${MAX_DEPTH} in one another`,
  )
  try {
    return { value: JSON.parse(text), containers }
  } catch {
    // A SyntaxError, which would repeat what was sent.
    throw malformed('the text is not JSON')
  }
}

/** Bytes of a message before encoding. */
export function sizeOf(data: unknown): number {
  if (data instanceof Uint8Array) return data.length
  if (typeof data === 'string') return Buffer.byteLength(data)
  const message = createMessage(data)
  check(message !== undefined, 'a message cannot be written as JSON again')
  return message.size
}

/** Throws a {@link Refusal} `too-large`. */
export function checkSize(size: number, maxMessage: number): void {
  if (size <= maxMessage) return
  throw new Refusal(
    'too-large',
    `a message of ${size} bytes is larger than the server's ${maxMessage}; split it`,
  )
}
