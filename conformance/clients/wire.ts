/** Packets of clients, as tests look at them, and the terms that the server of the suite offers. */

/** An entry of a list of messages; PROTOCOL.md 4.4. */
export type Entry = readonly [
  data: unknown,
  peer?: unknown,
  kind?: number,
  offset?: number,
  size?: number,
]

/** A packet of the client; PROTOCOL.md 4.2. Tests look at what they need. */
export interface Up {
  readonly attach?: Attach
  readonly ack?: readonly [number: number, tag: string, partial?: number]
  readonly batch?: readonly [first: number, entries: readonly Entry[]]
  readonly volatile?: readonly Entry[]
  readonly answer?: 'none' | 'now' | 'wait'
  readonly hello?: 1
  readonly accepted?: number
  readonly within?: number
  readonly probe?: 1
  readonly stream?: string
  readonly token?: string
  readonly bye?: readonly unknown[]
}

export interface Attach {
  readonly version: number
  readonly key: string
  readonly epoch?: string
  readonly t: number
  readonly want: number
  readonly page?: readonly [generation: number, holder: string]
  readonly token?: string
  readonly heartbeat?: number
  readonly maxBatch?: number
}

/** Any packet, right or wrong. */
export type Fields = Readonly<Record<string, unknown>>

export const HELLO = {
  version: 1,
  id: 'a-session',
  epoch: 'an-epoch',
  heartbeat: 5_000,
  lifetime: 60_000,
  maxMessage: 200_000,
  maxBatch: 60_000,
  window: 65_536,
} as const

/** Something that arrives one after the other, and is awaited one after the other. */
export class Arrivals<T> {
  readonly all: T[] = []
  #taken = 0
  #waiting: (() => void)[] = []

  add(item: T): void {
    this.all.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The next one that nobody took. */
  async next(): Promise<T> {
    while (this.all.length <= this.#taken) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.all[this.#taken++]!
  }
}
