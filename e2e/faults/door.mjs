// @ts-check
import { once } from 'node:events'
import net from 'node:net'

/** How long to wait before listening again on a port that something else took meanwhile, ms. */
const RETRY = 20

/** The listening socket, which can be shut for a while: then the system refuses connections itself. */
export class Door {
  port = 0
  /** @type {net.Server | undefined} */
  #server
  /** @type {Set<() => void>} */
  #shutters = new Set()
  /** @type {() => void} */
  #cancelRetry = () => {}
  #host
  #clock
  #note
  #onConnection

  /**
   * @param {string} host
   * @param {import('./types.js').Clock} clock
   * @param {import('./types.js').Log} note
   * @param {(socket: net.Socket) => void} onConnection
   */
  constructor(host, clock, note, onConnection) {
    this.#host = host
    this.#clock = clock
    this.#note = note
    this.#onConnection = onConnection
  }

  /** @param {number} port 0: any */
  async listen(port) {
    const server = this.#listen(port)
    await once(server, 'listening')
    this.port = /** @type {net.AddressInfo} */ (server.address()).port
  }

  /**
   * @param {number} ms
   * @returns {() => void} opens it, unless others keep it shut
   */
  shut(ms) {
    const open = () => {
      cancel()
      if (this.#shutters.delete(open) && this.#shutters.size === 0) this.#reopen()
    }
    const cancel = ms < Infinity ? this.#clock.after(ms, open) : () => {}
    this.#shutters.add(open)
    this.#cancelRetry()
    this.#server?.close()
    this.#server = undefined
    return open
  }

  open() {
    for (const open of [...this.#shutters]) open()
  }

  /** For good. Resolves when its connections are closed. */
  async close() {
    const server = this.#server
    const closed = server && once(server, 'close')
    const end = this.shut(Infinity)
    for (const open of [...this.#shutters]) if (open !== end) open()
    await closed
  }

  #reopen() {
    const server = this.#listen(this.port)
    // While it was shut, the port may have become the near end of somebody's connection.
    server.once('error', (error) => {
      this.#note({ type: 'error', where: 'listen', message: String(error) })
      this.#cancelRetry = this.#clock.after(RETRY, () => this.#reopen())
    })
  }

  /** @param {number} port */
  #listen(port) {
    // Half-open, because it is the far end that decides when this end closes, too.
    const server = net.createServer({ allowHalfOpen: true }, this.#onConnection)
    this.#server = server
    return server.listen(port, this.#host)
  }
}
