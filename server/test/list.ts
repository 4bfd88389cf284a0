/** Items that come one by one, and can be waited for. */
export class List<T> {
  readonly items: T[] = []
  #waiting: (() => void)[] = []

  push(item: T): void {
    this.items.push(item)
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves to all items, once they fulfil a condition. */
  async until(holds: (items: readonly T[]) => boolean): Promise<T[]> {
    while (!holds(this.items)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.items
  }

  /** Resolves to all items, once there are so many. */
  count(number: number): Promise<T[]> {
    return this.until((items) => items.length >= number)
  }

  /** Resolves to the first item that fulfils a condition. */
  async find(holds: (item: T) => boolean): Promise<T> {
    return (await this.until((items) => items.some(holds))).find(holds)!
  }
}

/** A promise that the test resolves. */
export class Door {
  open!: () => void
  readonly opened: Promise<void> = new Promise((resolve) => {
    this.open = resolve
  })
}

/**
 * Two turns of the event loop: in the first a reader reads its store or is flushed, in the second it writes what that brought.
 */
export const twoTurns = (): Promise<void> =>
  new Promise((resolve) => void setImmediate(() => setImmediate(resolve)))

/** Resolves once a condition holds, which is checked in every turn of the event loop. For states that no event announces. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => void setImmediate(resolve))
}
