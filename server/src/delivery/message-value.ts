/** The values of messages that come as JSON text: how deep, and how large they may be (PROTOCOL.md 4.1 and 5). */
import { createMessage } from 'rungs/protocol'
import { check, malformed } from '../checks.ts'
import { Refusal } from '../errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

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
  check(!isDeeperThan(text, maxDepth), `the JSON is nested in more than ${maxDepth} levels`)
}

/** Whether a text has more than so many arrays and objects in one another. Says nothing about text that is not JSON. */
function isDeeperThan(text: string, maxDepth: number): boolean {
  // Each level takes two characters.
  if (text.length <= 2 * maxDepth) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) depth++
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth--
    if (depth > maxDepth) return true
  }
  return false
}

/** The index of the quote that ends the string which begins at an index; the length of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let end = start; ;) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
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
