/** The log up: what a client sent, each number once, parts put together (PROTOCOL.md 6.2, 4.6). */
import { End } from './ends.mjs'
import { checkSize } from './messages.mjs'
import { readJson } from './packets.mjs'

export class UpLog {
  /** Number up to which messages arrived, and up to which their handlers have settled. */
  received = 0
  accepted = 0
  /** The beginning of message `received + 1`: `{ to, binary, size, length, pieces }`. */
  #partial

  /** Bytes or units that are there of message `received + 1`. */
  get partialLength() {
    return this.#partial?.length ?? 0
  }

  /**
   * Takes a batch. Answers the messages that are whole and new, or nothing if something before the batch is missing. What is
   * malformed changes nothing.
   */
  take({ first, messages }) {
    if (first > this.received + 1) return undefined
    const fresh = messages.slice(this.received + 1 - first)
    const taken = []
    let partial = this.#partial
    for (const message of fresh) {
      if (message.isPart && message.offset > (partial?.length ?? 0)) return undefined
      partial = message.isPart ? join(partial, message) : undefined
      const isWhole = !partial || partial.length === partial.size
      if (isWhole) taken.push(partial ? wholeOf(partial) : message)
      if (isWhole) partial = undefined
    }
    this.received += taken.length
    this.#partial = partial
    return taken
  }
}

/** The beginning of a message, and a part of it. */
function join(partial, { to, binary, offset, size, data }) {
  const begun = partial ?? { to, binary, size, length: 0, pieces: [] }
  if (begun.size !== size || begun.binary !== binary) {
    throw new End('malformed', 'a part of another message')
  }
  const fresh = binary ? data.subarray(begun.length - offset) : data.slice(begun.length - offset)
  const length = Math.max(begun.length, offset + data.length)
  return { ...begun, length, pieces: [...begun.pieces, fresh] }
}

function wholeOf({ to, binary, pieces }) {
  const data = binary ? Buffer.concat(pieces) : readJson(pieces.join(''))
  const message = { to, binary, data }
  checkSize(message)
  return message
}
