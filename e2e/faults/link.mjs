// @ts-check
import { Duplex } from 'node:stream'
import { Lane } from './lane.mjs'

/** @typedef {import('node:net').Socket} Socket */

/**
 * @typedef {object} LinkOptions
 * @property {(direction: import('./types.js').Direction) => import('./parts.js').Conditions} conditions
 * @property {(direction: import('./types.js').Direction, bytes: number) => void} onBytes
 * @property {() => void} onGone both the client's connection and the proxy's end of it are closed
 * @property {() => number} random
 * @property {number} readyAt when the first byte may leave
 * @property {import('./types.js').Clock} clock
 */

/**
 * The far end of a client's connection: what is read here was sent by the client some time ago, what is written
 * here reaches it some time later, and so do closings. It can be given to an `http.Server` as a connection.
 * `hangup` tells that the client sends no more, also while nobody reads.
 */
export class Link extends Duplex {
  /** What this connection is used for. @type {import('./types.js').Kind} */
  kind = 'request'
  /** Where requests are counted by client. */
  client
  up
  down
  #socket
  /** @type {(() => void) | undefined} */
  #written
  #onGone

  /**
   * @param {Socket} socket
   * @param {LinkOptions} options
   */
  constructor(socket, { conditions, onBytes, onGone, ...timing }) {
    super()
    this.#socket = socket
    this.#onGone = onGone
    this.client = socket.remoteAddress ?? ''
    this.up = new Lane({
      ...timing,
      conditions: () => conditions('up'),
      onDrain: () => socket.resume(),
      outlet: {
        write: (chunk) => this.destroyed || this.push(chunk),
        end: () => {
          this.push(null)
          this.emit('hangup')
        },
        close: () => void this.destroy(),
      },
    })
    this.down = new Lane({
      ...timing,
      conditions: () => conditions('down'),
      onDrain: () => this.#release(),
      outlet: {
        write: (chunk) => {
          if (socket.destroyed) return true
          onBytes('down', chunk.length)
          return socket.write(chunk)
        },
        end: () => void socket.end(),
        close: () => socket.destroySoon(),
      },
    })
    socket.on('data', (chunk) => {
      onBytes('up', chunk.length)
      if (!this.up.write(chunk)) socket.pause()
    })
    socket.on('end', () => this.up.end())
    socket.on('drain', () => this.down.resume())
    socket.on('close', () => {
      this.up.close()
      this.down.discard()
      this.#checkGone()
    })
    // Both errors (a reset by the client, or by Node's HTTP server) are followed by 'close', which does the work.
    socket.on('error', () => {})
    this.on('error', () => {})
  }

  /** The client's connection is open, as far as the client knows. */
  get open() {
    return !this.#socket.destroyed
  }

  /** As of a `net.Socket`: closes when what was written is out. Node's HTTP server calls it after an answer. */
  destroySoon() {
    if (!this.writableEnded) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Sends RST to the client, at once. */
  reset() {
    this.up.discard()
    this.down.discard()
    this.#socket.resetAndDestroy()
    this.destroy()
  }

  /** @override */
  _read() {
    this.up.resume()
  }

  /** @override @type {Duplex['_write']} */
  _write(chunk, _encoding, done) {
    if (this.down.write(chunk)) done()
    else this.#written = done
  }

  /** @override @type {Duplex['_final']} */
  _final(done) {
    this.down.end()
    done()
  }

  /** @override @type {Duplex['_destroy']} */
  _destroy(error, done) {
    this.down.close()
    done(error)
    this.#checkGone()
  }

  #release() {
    const written = this.#written
    this.#written = undefined
    written?.()
  }

  #checkGone() {
    if (this.destroyed && this.#socket.destroyed) this.#onGone()
  }
}
