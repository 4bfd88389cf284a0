/**
 * Steps like those of an async function, but synchronous as long as no step has to wait. Reserved for the way of each message
 * through its handlers, where the turns of the event loop that `await` takes count: 0.7 µs a message instead of 1.6.
 */
import type { Awaitable } from '../store/store.ts'

/** The steps, as a generator that yields the promises it waits for. */
export type MaybeAsync<T> = Generator<Promise<unknown>, T, unknown>

/** Waits for a value where it is a promise: `yield* maybe(value)` is the `await value` of these steps. */
export function* maybe<T>(value: Awaitable<T>): MaybeAsync<T> {
  return value instanceof Promise ? ((yield value) as T) : value
}

/**
 * Runs steps synchronously, up to the first that has to wait. Answers their result at once if none has, else a promise of it;
 * what they throw is thrown or rejected likewise.
 */
export function runSync<T>(steps: MaybeAsync<T>): Awaitable<T> {
  return advance(steps, steps.next())
}

function advance<T>(steps: MaybeAsync<T>, step: IteratorResult<Promise<unknown>, T>): Awaitable<T> {
  if (step.done) return step.value
  return step.value.then(
    (value) => advance(steps, steps.next(value)),
    (error: unknown) => advance(steps, steps.throw(error)),
  )
}
