/**
 * The fence (PROTOCOL.md 6.4): every attach and exchange has a number `t`, and says the lowest one that is still wanted.
 * The server ignores what is below, so a request that was delayed or repeated on its way can do no harm.
 */
export interface Fence {
  /** The number of the next attach or exchange. It is wanted from now on. */
  next(owner: object): number
  /** The lowest number that is still wanted. Call it after {@link next}. */
  lowestWanted(): number
  release(t: number): void
  /** Releases all numbers of an owner. */
  releaseAll(owner: object): void
}

export function createFence(): Fence {
  let last = 0
  const owners: { [t: number]: object } = {}
  return {
    next(owner) {
      owners[++last] = owner
      return last
    },
    // Integer keys are enumerated in ascending order (ECMA-262, 10.1.11).
    lowestWanted: () => Number(Object.keys(owners)[0]),
    release(t) {
      delete owners[t]
    },
    releaseAll(owner) {
      Object.keys(owners).forEach((t) => {
        if (owners[Number(t)] === owner) delete owners[Number(t)]
      })
    },
  }
}
