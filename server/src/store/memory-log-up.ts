import type { PartialMessage } from 'rungs/protocol'
import type { HeldBytes } from './held-bytes.ts'
import type { Cause, PartProgress, PartResult, PartUp } from './records.ts'
import { UnfinishedMessage } from './unfinished-message.ts'

/** Milliseconds after which a claim that is not renewed is free again. */
const CLAIM_TTL = 5_000

interface MemoryClaim {
  readonly token: string
  /** Number of the last message that is claimed. */
  readonly last: number
  expiresAt: number
}

/** The log up of a session of the memory store: which numbers are handled, claimed, or there in part. */
export class MemoryLogUp {
  /** Number of the next message to be handled. 0: the session is not opened yet. */
  #nextNumber = 0
  #claim: MemoryClaim | undefined
  #unfinished: UnfinishedMessage | undefined
  readonly #held: HeldBytes
  /** Cause of the last message that handlers of this session sent. */
  #lastCause: Cause | undefined

  constructor(held: HeldBytes) {
    this.#held = held
  }

  /** Number of the last message whose handlers have settled; 0 if there is none. */
  get acceptedUpTo(): number {
    return Math.max(this.#nextNumber - 1, 0)
  }

  /** Whether the application was told of the session, or is about to be. */
  get wasOpened(): boolean {
    return this.#nextNumber > 0 || this.#claim !== undefined
  }

  get partProgress(): PartProgress | undefined {
    if (!this.#unfinished) return undefined
    const { number, length } = this.#unfinished
    return { number, length }
  }

  /** Claims numbers. Answers the first of them that is still to be handled. */
  claim(
    first: number,
    last: number,
    token: string,
    now: number,
  ): 'completed' | 'busy' | 'gap' | number {
    if (last < this.#nextNumber) return 'completed'
    const claim = this.#claim
    if (claim && claim.token !== token && claim.expiresAt > now) return 'busy'
    // A node that was to open the session may have died. Then the batch that begins with number 1 opens it, as number 0.
    if (first > Math.max(this.#nextNumber, 1)) return 'gap'
    this.#claim = { token, last, expiresAt: now + CLAIM_TTL }
    return this.#nextNumber
  }

  renewClaim(token: string, now: number): void {
    if (this.#claim?.token === token) this.#claim.expiresAt = now + CLAIM_TTL
  }

  /** Accepts a claimed number. False if the claim is another's by now. */
  complete(number: number, token: string): boolean {
    if (this.#claim?.token !== token || number !== this.#nextNumber) return false
    this.#nextNumber++
    if (number === this.#claim.last) this.#claim = undefined
    if (this.#unfinished && this.#unfinished.number <= number) this.dropUnfinished()
    return true
  }

  /** @param now Milliseconds. */
  addPart(part: PartUp, now: number): PartResult {
    const { number, first, receivedUpTo, offset } = part
    if (number < this.#nextNumber) return 'completed'
    if (first > Math.max(this.acceptedUpTo, receivedUpTo) + 1) return 'gap'
    if (this.#unfinished?.number !== number) {
      if (offset > 0) return 'gap'
      this.dropUnfinished()
      this.#unfinished = new UnfinishedMessage(part)
    }
    const unfinished = this.#unfinished
    this.#held.total -= unfinished.cost
    const result = unfinished.add(part, now)
    this.#held.total += unfinished.cost
    return result
  }

  /** Drops the message that is there in part, unless a part of it has come since a time. Its client begins anew. */
  dropUnfinished(since: number = Infinity): void {
    if (!this.#unfinished || this.#unfinished.changedAt >= since) return
    this.#held.total -= this.#unfinished.cost
    this.#unfinished = undefined
  }

  readParts(number: number): PartialMessage | 'completed' | undefined {
    if (number < this.#nextNumber) return 'completed'
    return this.#unfinished?.number === number ? this.#unfinished : undefined
  }

  /** Whether a handler that runs again has sent this message before. Else it is noted. Throws if one before it is missing. */
  wasSent(cause: Cause): boolean {
    const { number, counter } = this.#lastCause ?? { number: 0, counter: 0 }
    const sent = cause.number === number ? counter : 0
    if (cause.number < number || cause.counter <= sent) return true
    if (cause.counter > sent + 1) {
      throw new Error('a message before this one, of the same handler, has failed')
    }
    this.#lastCause = cause
    return false
  }
}
