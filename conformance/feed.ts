import type { Down, Entry } from './wire.ts'

/** What a carrier has brought down so far, and what it will. */
export class Feed {
  readonly packets: Down[] = []
  #over: string | undefined
  #waiting: (() => void)[] = []

  take(packet: Down): void {
    this.packets.push(packet)
    this.#wake()
  }

  /** Nothing comes any more. */
  end(why: string): void {
    this.#over ??= why
    this.#wake()
  }

  /** Resolves to what `find` finds, which is asked at first and whenever something arrives. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.#over !== undefined) {
        throw new Error(`no ${what}: ${this.#over}, after ${JSON.stringify(this.packets)}`)
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The first packet that has a field. */
  async field<F extends keyof Down>(name: F): Promise<NonNullable<Down[F]>> {
    return this.until(
      name,
      () => this.packets.find((packet) => packet[name] !== undefined)?.[name] ?? undefined,
    )
  }

  /** Entries of the log down, each as often as it came. */
  get entries(): (readonly [number: number, ...Entry])[] {
    return this.packets.flatMap(({ batch }) =>
      batch ? batch[1].map((entry, index) => [batch[0] + index, ...entry] as const) : [],
    )
  }

  /** The data of all numbered messages, once the last of them is `data`. */
  async untilData(data: unknown): Promise<unknown[]> {
    const wanted = JSON.stringify(data)
    return this.until(`message ${wanted}`, () => {
      const all = this.entries.map((entry) => entry[1])
      return JSON.stringify(all.at(-1)) === wanted ? all : undefined
    })
  }

  /** An acknowledgement that says that so many messages are accepted. */
  async accepted(number: number): Promise<NonNullable<Down['ack']>> {
    return this.until(
      `${number} accepted`,
      () => this.packets.find(({ ack }) => ack && ack[2] >= number)?.ack,
    )
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
