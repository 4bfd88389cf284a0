// @ts-check
/** Requests that are being served: what kind they are, how old, how long idle, and whose turn it is. */

/** @typedef {import('./types.js').Kind} Kind */
/** @typedef {import('./types.js').ModeName} ModeName */
/** @typedef {import('./link.mjs').Link} Link */

/** How often ages and idle times are looked at, ms: one sweep for all. */
const SWEEP = 10

/** One request, from its head until its answer is out or its connection gone; a WebSocket until it closes. */
export class Exchange {
  #done = new AbortController()
  #traffic
  #openedAt = Infinity
  #touchedAt = Infinity
  #startedAt

  /**
   * @param {Traffic} traffic
   * @param {Link} link
   * @param {import('node:http').IncomingMessage} request
   * @param {Kind} kind
   */
  constructor(traffic, link, request, kind) {
    this.#traffic = traffic
    this.#startedAt = traffic.clock.now()
    this.link = link
    this.kind = link.kind = kind
    this.method = request.method ?? 'GET'
    this.path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    /** Set while there is no answer yet: gives this one. @type {((status: number) => void) | undefined} */
    this.refuse = undefined
    link.once('close', this.done)
  }

  /** Aborts when the exchange is over, whichever way. */
  get over() {
    return this.#done.signal
  }

  get isOpen() {
    return this.#openedAt < Infinity
  }

  /** The answer has begun: age and idleness count from here. */
  opened() {
    this.#openedAt = this.#touchedAt = this.#traffic.clock.now()
  }

  /** A byte went by. */
  touch() {
    this.#touchedAt = this.#traffic.clock.now()
  }

  /** @param {Kind} kind */
  becomes(kind) {
    this.#traffic.recount(this.kind, kind)
    this.kind = this.link.kind = kind
  }

  /** Tells the log that a mode struck. @param {ModeName} mode */
  struck(mode) {
    this.#traffic.note({ type: 'fault', mode, kind: this.kind, path: this.path })
  }

  done = () => {
    if (this.over.aborted) return
    this.link.off('close', this.done)
    this.link.kind = 'request'
    this.#traffic.end(this)
    this.#done.abort()
  }

  /** @param {import('./faults.mjs').FaultState} faults */
  sweep(faults) {
    const now = this.#traffic.clock.now()
    const mode =
      this.kind === 'websocket'
        ? 'kill-websocket'
        : this.kind === 'stream'
          ? 'cut-streams'
          : undefined
    const limits = mode && faults.get(mode, this.path)
    if (
      limits &&
      (now - this.#openedAt >= (limits.age ?? Infinity) ||
        now - this.#touchedAt >= (limits.idle ?? Infinity))
    )
      return this.#kill(mode)
    const all = this.kind === 'websocket' ? undefined : faults.get('kill-requests', this.path)
    if (all && now - this.#startedAt >= all.after) this.#kill('kill-requests', all.status)
  }

  /** @type {(mode: ModeName, status?: number) => void} */
  #kill(mode, status = 0) {
    this.struck(mode)
    if (status > 0 && this.refuse) this.refuse(status)
    else this.link.destroy()
    this.done()
  }
}

export class Traffic {
  /** @type {Record<Kind, number>} */
  requests = { websocket: 0, stream: 0, request: 0 }
  /** @type {Record<Kind, number>} */
  live = { websocket: 0, stream: 0, request: 0 }
  /** @type {Set<Exchange>} being served */
  #served = new Set()
  /** @type {{ exchange: Exchange, go: () => void }[]} */
  #queue = []
  /** @type {() => void} */
  #cancelSweep = () => {}
  #faults

  /**
   * @param {import('./faults.mjs').FaultState} faults
   * @param {import('./types.js').Clock} clock
   * @param {import('./types.js').Log} note
   */
  constructor(faults, clock, note) {
    this.#faults = faults
    this.clock = clock
    this.note = note
    faults.onChange(() => {
      this.#watch()
      this.#next()
    })
  }

  /** @type {(link: Link, request: import('node:http').IncomingMessage, kind: Kind) => Exchange} */
  begin(link, request, kind) {
    this.requests[kind]++
    this.live[kind]++
    const exchange = new Exchange(this, link, request, kind)
    this.note({ type: 'request', kind, method: exchange.method, path: exchange.path })
    return exchange
  }

  /** Waits until the exchange may be served, or its client has gone. @type {(exchange: Exchange) => Promise<void>} */
  turn(exchange) {
    return new Promise((go) => {
      this.#queue.push({ exchange, go })
      this.#next()
      if (!this.#served.has(exchange)) exchange.struck('starve-connections')
    })
  }

  /** @type {(from: Kind, to: Kind) => void} */
  recount(from, to) {
    for (const count of [this.requests, this.live]) {
      count[from]--
      count[to]++
    }
  }

  /** @param {Exchange} exchange */
  end(exchange) {
    this.live[exchange.kind]--
    this.#served.delete(exchange)
    this.#queue.find((entry) => entry.exchange === exchange)?.go()
    this.#queue = this.#queue.filter((entry) => entry.exchange !== exchange)
    this.#next()
  }

  stop() {
    this.#cancelSweep()
  }

  #next() {
    this.#queue = this.#queue.filter(({ exchange, go }) => {
      const limit = this.#faults.get('starve-connections', exchange.path)?.limit ?? Infinity
      if (limit < Infinity && this.#servedOf(exchange.link.client) >= limit) return true
      this.#served.add(exchange)
      go()
      return false
    })
  }

  /** @param {string} client */
  #servedOf(client) {
    return [...this.#served].filter(({ link }) => link.client === client).length
  }

  /** Sweeps now and again, as long as a mode asks for it. */
  #watch() {
    this.#cancelSweep()
    const modes = /** @type {const} */ (['kill-websocket', 'cut-streams', 'kill-requests'])
    if (!modes.some((mode) => this.#faults.get(mode))) return
    this.#cancelSweep = this.clock.after(SWEEP, () => {
      for (const exchange of [...this.#served]) exchange.sweep(this.#faults)
      this.#watch()
    })
  }
}
