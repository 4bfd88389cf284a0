/** Asynchronous steps that take no turn of the event loop where nothing has to be waited for. */
import type { Awaitable } from '../store/store.ts'

export type Steps<T> = Generator<Promise<unknown>, T, unknown>

/** In steps what `await` is in an async function. */
export function* wait<T>(value: Awaitable<T>): Steps<T> {
  return value instanceof Promise ? ((yield value) as T) : value
}

/** Takes steps to their end: at once, if none of them waits. Throws, or rejects, what they throw. */
export function drive<T>(steps: Steps<T>): Awaitable<T> {
  return advance(steps, steps.next())
}

function advance<T>(steps: Steps<T>, step: IteratorResult<Promise<unknown>, T>): Awaitable<T> {
  if (step.done) return step.value
  return step.value.then(
    (value) => advance(steps, steps.next(value)),
    (error: unknown) => advance(steps, steps.throw(error)),
  )
}
