/** What has happened, to be awaited one after the other. */
export interface Queue<T> {
  push(item: T): void
  next(): Promise<T>
  /** What nobody has awaited yet. */
  readonly waiting: readonly T[]
}

export function queue<T>(): Queue<T> {
  const items: T[] = []
  const takers: ((item: T) => void)[] = []
  return {
    waiting: items,
    push(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    next: () =>
      items.length > 0
        ? Promise.resolve(items.shift()!)
        : new Promise((resolve) => void takers.push(resolve)),
  }
}
