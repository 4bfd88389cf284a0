import { createHash, randomBytes } from 'node:crypto'

/** Slots of a table at first; it doubles when it is half full. */
const FIRST_SLOTS = 1_024
/** Keys of one generation: 64 MB. More than a process can end in the time that they are kept. */
const MAX_KEYS = 4_194_304

/** A set of 64-bit numbers, 16 bytes for each: a `Set` would take five times as much. */
class HashSet {
  size = 0
  #slots = new BigUint64Array(FIRST_SLOTS)

  has(hash: bigint): boolean {
    return this.#slots[this.#find(hash)] === hash
  }

  add(hash: bigint): void {
    const slot = this.#find(hash)
    if (this.#slots[slot] === hash) return
    this.#slots[slot] = hash
    if (++this.size * 2 > this.#slots.length) this.#grow()
  }

  /** The slot of a hash, or the empty one where it belongs. */
  #find(hash: bigint): number {
    const { length } = this.#slots
    let slot = Number(hash & BigInt(length - 1))
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== hash) slot = (slot + 1) & (length - 1)
    return slot
  }

  #grow(): void {
    const former = this.#slots
    this.#slots = new BigUint64Array(2 * former.length)
    for (const hash of former) if (hash !== 0n) this.#slots[this.#find(hash)] = hash
  }
}

/**
 * Keys of sessions that have ended, for a lifetime at least: none of them may create a session again (PROTOCOL.md 6.1). Nothing
 * that strangers do drops one: when there is no room for more, no session may be created ({@link isFull}), until time has passed.
 */
export class EndedKeys {
  readonly #now: () => number
  readonly #maxKeys: number
  /** Without it, somebody could choose keys that fall into the same slots. */
  readonly #secret = randomBytes(16)
  #current = new HashSet()
  #former = new HashSet()
  #changesAt = 0

  constructor(now: () => number, maxKeys: number = MAX_KEYS) {
    this.#now = now
    this.#maxKeys = maxKeys
  }

  /** Whether no more keys can be kept. */
  get isFull(): boolean {
    return this.#current.size >= this.#maxKeys
  }

  /** Keeps a key for so many milliseconds, or up to twice as long. */
  add(key: string, ms: number): void {
    const now = this.#now()
    if (this.#changesAt === 0) this.#changesAt = now + ms
    this.prune(ms)
    this.#current.add(this.#hash(key))
  }

  has(key: string): boolean {
    if (this.#current.size + this.#former.size === 0) return false
    const hash = this.#hash(key)
    return this.#current.has(hash) || this.#former.has(hash)
  }

  /** Drops keys that were kept for so many milliseconds. */
  prune(ms: number): void {
    const now = this.#now()
    if (now < this.#changesAt || this.#changesAt === 0) return
    this.#former = now < this.#changesAt + ms ? this.#current : new HashSet()
    this.#current = new HashSet()
    this.#changesAt = now + ms
  }

  #hash(key: string): bigint {
    const digest = createHash('sha1').update(this.#secret).update(key).digest()
    // 0 is an empty slot.
    return digest.readBigUInt64LE() || 1n
  }
}
