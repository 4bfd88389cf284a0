// @ts-check
/**
 * One direction of a connection: bytes and closings go in, and come out in the same order, later.
 *
 *     write / end / close  →  waiting  →  (bottleneck)  →  flying  →  (delay, jitter, silence)  →  outlet
 *
 * Both queues are bounded: `write` answers false when they are full, and `onDrain` says when they are not.
 */

/** @typedef {import('./types.js').Clock} Clock */
/** @typedef {import('./parts.js').Outlet} Outlet */
/** @typedef {Buffer | 'end' | 'close'} Item what passes */

/** As much as a sender may be ahead of the bottleneck, bytes. */
const MAX_WAITING = 65_536
/** As much as may be under way, bytes: at a delay of 50 ms this allows 20 MB/s. */
const MAX_FLYING = 1_048_576
/** Timers are late by about a millisecond; a slice that follows another one closely is not made to pay for that. */
const TIMER_SLACK = 20

/** @type {(item: Item) => number} */
const size = (item) => (typeof item === 'string' ? 0 : item.length)

/** @type {Clock} */
export const realClock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** @typedef {import('./parts.js').Bottleneck} Bottleneck */

/**
 * A line of so many bytes per second that several lanes share.
 *
 * @implements {Bottleneck}
 */
export class SharedLine {
  #rate
  #freeAt = -Infinity

  /** @param {number} rate bytes per second */
  constructor(rate) {
    this.#rate = rate
    /** 20 ms worth: lanes take turns by slices, so that a download does not shut out a ping. */
    this.slice = Math.max(1, Math.round(rate / 50))
  }

  /** @type {Bottleneck['reserve']} */
  reserve(bytes, earliest) {
    this.#freeAt = Math.max(this.#freeAt, earliest) + (bytes / this.#rate) * 1000
    return this.#freeAt
  }
}

/** @typedef {object} LaneOptions
 * @property {Outlet} outlet
 * @property {() => import('./parts.js').Conditions} conditions asked for every item
 * @property {() => void} [onDrain] after `write` said false: there is room again
 * @property {() => number} [random]
 * @property {Clock} [clock]
 * @property {number} [readyAt] nothing leaves before this time of the clock
 */

export class Lane {
  /** @type {Item[]} */
  #waiting = []
  #waitingBytes = 0
  /** @type {{ item: Item, due: number }[]} */
  #flying = []
  #flyingBytes = 0
  /** When the latest slice is through the bottleneck. */
  #throughAt = -Infinity
  #lastDue = -Infinity
  #silences = 0
  #lost = false
  #dead = false
  #blocked = false
  #full = false
  #moving = false
  #again = false
  /** @type {() => void} */
  #cancel = () => {}
  #outlet
  #conditions
  #onDrain
  #random
  #clock
  #readyAt

  /** @param {LaneOptions} options */
  constructor({
    outlet,
    conditions,
    onDrain = () => {},
    random = Math.random,
    clock = realClock,
    readyAt = -Infinity,
  }) {
    this.#outlet = outlet
    this.#conditions = conditions
    this.#onDrain = onDrain
    this.#random = random
    this.#clock = clock
    this.#readyAt = readyAt
  }

  /** @type {(chunk: Buffer) => boolean} */
  write(chunk) {
    this.#enter(chunk)
    if (this.#waitingBytes >= MAX_WAITING) this.#full = true
    return !this.#full
  }

  /** No more bytes (FIN). */
  end() {
    this.#enter('end')
  }

  /** The connection is gone. */
  close() {
    this.#enter('close')
  }

  /** The outlet takes bytes again. */
  resume() {
    if (!this.#blocked) return
    this.#blocked = false
    this.#move()
  }

  /** Nothing passes until as many `release` as `hold`. */
  hold() {
    this.#silences++
    this.#move()
  }

  release() {
    this.#silences--
    this.#move()
  }

  /** Nothing ever passes again, nor does a closing; what is sent is taken and lost. */
  lose() {
    this.#lost = true
    this.#empty()
  }

  /** Ends all work; what is under way is dropped. */
  discard() {
    this.#dead = true
    this.#empty()
  }

  /** The conditions have changed. What is under way arrives as it would have. */
  update() {
    this.#throughAt = -Infinity
    this.#move()
  }

  /** @param {Item} item */
  #enter(item) {
    if (this.#lost || this.#dead) return
    this.#waiting.push(item)
    this.#waitingBytes += size(item)
    this.#move()
  }

  #move() {
    // The outlet may call back into this lane; its items must not overtake the one that is just being delivered.
    if (this.#moving) return void (this.#again = true)
    this.#moving = true
    do {
      this.#again = false
      this.#launch()
      do this.#land()
      while (this.#launch())
    } while (this.#again)
    this.#moving = false
    this.#arm()
    this.#drained()
  }

  /** Sends on its way what may go now. Returns whether anything went. */
  #launch() {
    let launched = false
    while (this.#waiting.length > 0 && this.#flyingBytes < MAX_FLYING) {
      const { delay, jitter, bottleneck } = this.#conditions()
      const now = this.#clock.now()
      let item = /** @type {Item} */ (this.#waiting[0])
      let leaves = Math.max(now, this.#readyAt)
      if (bottleneck && typeof item !== 'string') {
        if (this.#throughAt > now) break
        if (now - this.#throughAt < TIMER_SLACK) leaves = Math.max(this.#throughAt, this.#readyAt)
        const rest = item.subarray(bottleneck.slice)
        item = item.subarray(0, bottleneck.slice)
        leaves = this.#throughAt = bottleneck.reserve(item.length, leaves)
        if (rest.length > 0) this.#waiting[0] = rest
        else this.#waiting.shift()
      } else this.#waiting.shift()
      this.#waitingBytes -= size(item)
      this.#flyingBytes += size(item)
      this.#lastDue = Math.max(
        this.#lastDue,
        leaves + delay + (jitter > 0 ? this.#random() * jitter : 0),
      )
      this.#flying.push({ item, due: this.#lastDue })
      launched = true
    }
    return launched
  }

  #land() {
    while (this.#silences === 0 && !this.#blocked && !this.#dead) {
      const first = this.#flying[0]
      if (!first || first.due > this.#clock.now()) break
      this.#flying.shift()
      this.#flyingBytes -= size(first.item)
      if (first.item === 'end') this.#outlet.end()
      else if (first.item === 'close') this.#outlet.close()
      else if (!this.#outlet.write(first.item)) this.#blocked = true
    }
  }

  #arm() {
    this.#cancel()
    const landing =
      this.#silences === 0 && !this.#blocked ? (this.#flying[0]?.due ?? Infinity) : Infinity
    const launching =
      this.#waiting.length > 0 && this.#flyingBytes < MAX_FLYING ? this.#throughAt : Infinity
    const next = Math.min(landing, launching)
    // Timers of Node may be early by a fraction of a millisecond, so they are rounded up.
    if (next < Infinity)
      this.#cancel = this.#clock.after(Math.ceil(next - this.#clock.now()), () => this.#move())
  }

  #drained() {
    if (!this.#full || this.#waitingBytes >= MAX_WAITING) return
    this.#full = false
    this.#onDrain()
  }

  #empty() {
    this.#cancel()
    this.#waiting = []
    this.#flying = []
    this.#waitingBytes = this.#flyingBytes = 0
    this.#drained()
  }
}
