/** The body of an exchange, a packet at a time, so that no more is read than who sends it is allowed (PROTOCOL.md 3.2). */
import { End } from './ends.mjs'
import { DEADLINE } from './limits.mjs'

export class Body {
  #chunks
  #buffered = Buffer.alloc(0)
  #isOver = false

  /** @param {import('node:http').IncomingMessage} request */
  constructor(request) {
    // An exchange that is refused early still has to be answered.
    this.#chunks = request.iterator({ destroyOnReturn: false })
  }

  /** The next line, or nothing behind the last one. */
  async nextLine(limit) {
    if (this.#isOver) return undefined
    for (;;) {
      const end = this.#buffered.indexOf('\n')
      if ((end < 0 ? this.#buffered.length : end) > limit) {
        throw new End('too-large', `a packet has more than ${limit} bytes`)
      }
      if (end >= 0) {
        const line = this.#buffered.subarray(0, end)
        this.#buffered = this.#buffered.subarray(end + 1)
        return line
      }
      if (!(await this.#readMore())) return this.#buffered
    }
  }

  /** Reads a chunk. Answers false at the end of the body; a body that was cut throws. */
  async #readMore() {
    let timer
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new End('timeout', 'the body did not go on')), DEADLINE)
    })
    try {
      const { done, value } = await Promise.race([this.#chunks.next(), timeout])
      this.#isOver = done === true
      if (value) this.#buffered = Buffer.concat([this.#buffered, value])
      return !this.#isOver
    } catch (error) {
      throw error instanceof End ? error : new End('malformed', 'the body was cut')
    } finally {
      clearTimeout(timer)
    }
  }
}
