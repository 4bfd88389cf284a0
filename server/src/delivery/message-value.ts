/** The values of messages that come as JSON text: how deep, and how large they may be (PROTOCOL.md 4.1 and 5). */
import { createMessage, isTooDeep } from 'rungs/protocol'
import { check, malformed } from '../checks.ts'
import { Refusal } from '../errors.ts'

/**
 * Parses JSON text whose values are nested in at most so many arrays and objects. Throws a {@link Refusal}. The text is scanned
 * before, so that nothing is made of a text that is nested deeper.
 */
export function parseJson(text: string, maxDepth: number): unknown {
  checkDepth(text, maxDepth)
  try {
    return JSON.parse(text)
  } catch {
    // A SyntaxError, which would repeat what was sent.
    throw malformed('the text is not JSON')
  }
}

/** Throws a {@link Refusal} if the values of a JSON text are nested in more than so many arrays and objects. */
export function checkDepth(text: string, maxDepth: number): void {
  check(!isTooDeep(text, maxDepth), `the JSON is nested in more than ${maxDepth} levels`)
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
