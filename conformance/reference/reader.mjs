/** Readers: the carriers that get the log down of a session as it grows (PROTOCOL.md 1, 6.3, 6.9). */
import { HEARTBEAT } from './limits.mjs'

/**
 * A carrier's way out, which a reader writes to.
 *
 * @typedef {object} Sink
 * @property {boolean} frames Whether bytes travel as frames.
 * @property {(packet: string, frame?: Buffer) => void} write
 * @property {() => void} [pad] Writes the padding that the client asked for.
 * @property {(end: import('./ends.mjs').End) => void} end Says why the carrier ends, and closes it.
 * @property {() => void} drop Closes it without a word.
 */

/** The text of a packet, from fields that are JSON text already. Empty ones are left out. */
export function packetOf(fields) {
  const texts = Object.entries(fields).filter(([, text]) => text)
  return `{${texts.map(([name, text]) => `"${name}":${text}`).join()}}`
}

/** The heartbeat interval of a carrier: the server's own, or what its client asks for if that is less. */
export const heartbeatFor = ({ heartbeat = HEARTBEAT }) => Math.min(heartbeat, HEARTBEAT)

/** A WebSocket or a stream. */
export class StreamReader {
  #session
  #sink
  #cursor
  #maxBatch
  #beat

  /**
   * @param {import('./session.mjs').Session} session
   * @param {Sink} sink
   */
  constructor(session, attach, position, sink) {
    this.t = attach.t
    this.heartbeat = heartbeatFor(attach)
    this.frames = sink.frames
    this.#session = session
    this.#sink = sink
    this.#cursor = session.down.cursorAt(position)
    this.#maxBatch = attach.maxBatch
    this.#write({ hello: session.hello(this.heartbeat), ack: session.ack(this.#cursor) })
    this.#write({ ready: 1, token: session.asksForToken })
  }

  /** Sends what is after the cursor. */
  flush() {
    for (;;) {
      const batch = this.#session.down.next(this.#cursor, this.#sink.frames, this.#maxBatch)
      if (!batch) return
      this.#cursor = batch.cursor
      const tag = batch.tag && JSON.stringify(batch.tag)
      this.#write({ batch: batch.text, tag }, batch.frame)
    }
  }

  /** Sends volatile messages; one a packet, because of their frames. */
  volatile(entries) {
    for (const { text, frame } of entries) this.#write({ volatile: `[${text}]` }, frame)
  }

  /** How far the log up is, and with `gap`, that the client is to go on from there. */
  acknowledge(gap) {
    this.#write({ ack: this.#session.ack(this.#cursor), gap })
  }

  /** A handler has settled. */
  settled() {
    this.acknowledge()
  }

  askForToken() {
    this.#write({ token: 1 })
  }

  end(end) {
    this.#sink.end(end)
  }

  drop() {
    this.#sink.drop()
  }

  /** The reader ends. */
  stop() {
    clearTimeout(this.#beat)
  }

  #write(fields, frame) {
    this.#sink.write(packetOf(fields), frame)
    clearTimeout(this.#beat)
    this.#beat = setTimeout(() => {
      this.#sink.pad?.()
      this.acknowledge()
    }, this.heartbeat)
  }
}

/** An exchange that waits: it is answered once, with whatever there is first. */
export class WaitReader {
  frames = false
  #session
  #position
  #accepted
  #resolve
  #timer

  constructor(session, { attach, accepted = 0, within = Infinity }, position) {
    this.t = attach.t
    this.heartbeat = heartbeatFor(attach)
    this.#session = session
    this.#position = position
    this.#accepted = accepted
    this.#timer = setTimeout(() => this.acknowledge(), Math.min(within, this.heartbeat))
    /** Resolves to what the answer brings beside the log: `{ volatile, end, isDropped }`. */
    this.answered = new Promise((resolve) => (this.#resolve = resolve))
  }

  flush() {
    const { down, up } = this.#session
    const hasMessage = down.next(down.cursorAt(this.#position), false) !== undefined
    if (hasMessage || up.accepted > this.#accepted) this.#answer({})
  }

  settled() {
    this.flush()
  }

  volatile(entries) {
    this.#answer({ volatile: entries })
  }

  acknowledge() {
    this.#answer({})
  }

  askForToken() {
    this.#answer({})
  }

  end(end) {
    this.#answer({ end })
  }

  drop() {
    this.#answer({ isDropped: true })
  }

  stop() {
    clearTimeout(this.#timer)
  }

  #answer(answer) {
    this.#session.removeReader(this)
    this.#resolve(answer)
  }
}
