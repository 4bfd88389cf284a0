/** Volatile messages down, which wait a moment for the next carrier and are not repeated (PROTOCOL.md 6.7). */
import { entryOf } from './down-log.mjs'
import { MAX_VOLATILE } from './limits.mjs'
import { BINARY } from './messages.mjs'

const now = () => performance.now()

export class VolatileMessages {
  #waiting = []

  push(data, peer) {
    const isBinary = Buffer.isBuffer(data)
    const body = isBinary ? data : JSON.stringify(data)
    const message = { body, peer, kind: isBinary ? BINARY : 0 }
    this.#waiting = [...this.#waiting, { message, since: now() }].slice(-MAX_VOLATILE)
  }

  /** The entries of those that are younger than a heartbeat interval; all are forgotten. */
  take(heartbeat, frames) {
    const fresh = this.#waiting.filter(({ since }) => now() - since < heartbeat)
    this.#waiting = []
    return fresh.map(({ message }) => entryOf(message, frames))
  }
}
