/** `engine.ts` for engines older than ECMAScript 2019, some without Promise: PhantomJS 2.1, old WebViews. */
import type { Replacer } from './engine.ts'
import { tagOf } from './tag.ts'

export function stringify(value: unknown, replacer?: Replacer): string {
  return JSON.stringify(value, replacer).replace(
    /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g,
    (found) => (found.length > 1 ? found : '\\u' + found.charCodeAt(0).toString(16)),
  )
}

export function isBrowser(): boolean {
  // Internet Explorer 10 and Android 4.3 have no `crypto` to make a key with.
  return typeof document !== 'undefined' && typeof crypto !== 'undefined'
}

export const enqueueTask: (task: () => void) => void =
  typeof Promise === 'function'
    ? (task) => void Promise.resolve().then(task)
    : (task) => void setTimeout(task)

export function isView(data: unknown): data is ArrayBufferView {
  return !!data && tagOf((data as ArrayBufferView).buffer) === 'ArrayBuffer'
}

export function callAsync<T>(
  work: () => T | PromiseLike<T>,
  onValue: (value: T) => void,
  onError: (error: unknown) => void,
): void {
  enqueueTask(() => {
    try {
      const answer = work() as PromiseLike<T>
      if (answer && typeof answer.then === 'function') answer.then(onValue, onError)
      else onValue(answer as T)
    } catch (error) {
      onError(error)
    }
  })
}
