/** Measures how long a store takes to answer. */
import type { SessionStore } from './store.ts'

/** Calls of a store that other nodes share. Waiting for clients is no call. */
export interface StoreMetrics {
  /** Answers of the store so far, failures among them. */
  readonly calls: number
  readonly failures: number
  /** Seconds that all answers took together: divided by `calls`, the mean latency. */
  readonly seconds: number
  /** Seconds that the slowest answer took since they were last asked for. */
  readonly slowest: number
}

/** Methods that wait for clients, however long these take. */
const WAITING = ['waitForRoom', 'waitUntilAcknowledged']

export interface TimedStore {
  readonly store: SessionStore
  /** The measurements. Begins a new search for the slowest answer. */
  metrics(): StoreMetrics
}

/** Wraps a store. `now`: a clock in milliseconds that only goes forward. */
export function timeStore(store: SessionStore, now: () => number): TimedStore {
  let calls = 0
  let failures = 0
  let seconds = 0
  let slowest = 0

  const note = (began: number): void => {
    const took = (now() - began) / 1_000
    calls++
    seconds += took
    slowest = Math.max(slowest, took)
  }
  const measure = (method: (...args: unknown[]) => unknown, args: unknown[]): unknown => {
    const began = now()
    const answer = method.apply(store, args)
    if (!(answer instanceof Promise)) {
      note(began)
      return answer
    }
    answer.then(
      () => note(began),
      () => {
        failures++
        note(began)
      },
    )
    return answer
  }
  const methods = new Map<unknown, unknown>()
  const timed = new Proxy(store, {
    get(_, name) {
      const value: unknown = Reflect.get(store, name)
      if (typeof value !== 'function') return value
      const method = value as (...args: unknown[]) => unknown
      if (!methods.has(name)) {
        const isWaiting = WAITING.includes(String(name))
        methods.set(
          name,
          isWaiting ? method.bind(store) : (...args: unknown[]) => measure(method, args),
        )
      }
      return methods.get(name)
    },
  })
  return {
    store: timed,
    metrics() {
      const measured = { calls, failures, seconds, slowest }
      slowest = 0
      return measured
    },
  }
}
