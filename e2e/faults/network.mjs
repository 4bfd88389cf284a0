// @ts-check
import { Link } from './link.mjs'
import { SharedLine } from './lane.mjs'

/** @typedef {import('./types.js').Direction} Direction */
/** @typedef {{ directions: readonly Direction[], lost: boolean, held: Set<Link> }} ActiveSilence */

/**
 * The network between clients and the proxy: all that happens to bytes, whatever they mean.
 */
export class Network {
  bytes = { up: 0, down: 0 }
  total = 0
  /** @type {Set<Link>} */
  #links = new Set()
  /** @type {Set<ActiveSilence>} those that new connections fall into, too */
  #silences = new Set()
  /** @type {Set<() => void>} */
  #endings = new Set()
  /** @type {Partial<Record<Direction, { rate: number, line: SharedLine }>>} */
  #lines = {}
  #faults
  #random
  #clock

  /**
   * @param {import('./faults.mjs').FaultState} faults
   * @param {() => number} random
   * @param {import('./types.js').Clock} clock
   */
  constructor(faults, random, clock) {
    this.#faults = faults
    this.#random = random
    this.#clock = clock
    faults.onChange(() => this.#update())
  }

  get open() {
    return [...this.#links].filter((link) => link.open).length
  }

  /**
   * @param {import('node:net').Socket} socket
   * @returns {Link}
   */
  accept(socket) {
    socket.setNoDelay(true)
    const delay = this.#faults.get('delay')
    /** @type {Link} */
    const link = new Link(socket, {
      conditions: (direction) => this.#conditions(direction),
      onBytes: (direction, bytes) => (this.bytes[direction] += bytes),
      onGone: () => this.#links.delete(link),
      random: this.#random,
      clock: this.#clock,
      readyAt: delay?.handshake ? this.#clock.now() + delay.up + delay.down : -Infinity,
    })
    this.total++
    this.#links.add(link)
    for (const silence of this.#silences) this.#mute(link, silence)
    return link
  }

  /**
   * @param {import('./types.js').Silence} silence
   * @returns {() => void} ends it
   */
  silence({ direction = 'both', ms = Infinity, lost = false, existing = false }) {
    /** @type {ActiveSilence} */
    const silence = {
      directions: direction === 'both' ? ['up', 'down'] : [direction],
      lost,
      held: new Set(),
    }
    for (const link of this.#links) this.#mute(link, silence)
    if (!existing) this.#silences.add(silence)
    const end = () => {
      if (!this.#endings.delete(end)) return
      cancel()
      this.#silences.delete(silence)
      for (const link of silence.held) for (const way of silence.directions) link[way].release()
    }
    this.#endings.add(end)
    const cancel = ms < Infinity ? this.#clock.after(ms, end) : () => {}
    return end
  }

  endSilences() {
    for (const end of [...this.#endings]) end()
  }

  /**
   * @param {import('./types.js').Kind} [kind]
   * @returns {number}
   */
  cut(kind) {
    const links = [...this.#links].filter((link) => kind === undefined || link.kind === kind)
    const count = links.filter((link) => link.open).length
    for (const link of links) link.reset()
    return count
  }

  /** @type {(link: Link, silence: ActiveSilence) => void} */
  #mute(link, { directions, lost, held }) {
    for (const way of directions) {
      if (lost) link[way].lose()
      else link[way].hold()
    }
    held.add(link)
  }

  #update() {
    for (const way of /** @type {const} */ (['up', 'down'])) {
      const rate = this.#faults.get('bandwidth')?.[way]
      // The same rate is the same line: what others have reserved on it must not be forgotten.
      if (rate === undefined) delete this.#lines[way]
      else if (this.#lines[way]?.rate !== rate)
        this.#lines[way] = { rate, line: new SharedLine(rate) }
    }
    for (const link of this.#links) {
      link.up.update()
      link.down.update()
    }
  }

  /** @type {(direction: Direction) => import('./parts.js').Conditions} */
  #conditions(direction) {
    return {
      delay: this.#faults.get('delay')?.[direction] ?? 0,
      jitter: this.#faults.get('jitter')?.[direction] ?? 0,
      bottleneck: this.#lines[direction]?.line,
    }
  }
}
