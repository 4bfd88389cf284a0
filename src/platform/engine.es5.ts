/** `engine.ts` for engines of before ECMAScript 2019, and without Promise: PhantomJS 2.1, old WebViews. */

export function toJSON(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g,
    (found) => (found.length > 1 ? found : '\\u' + found.charCodeAt(0).toString(16)),
  )
}

export function byteLength(text: string): number {
  return text
    .replace(/[\ud800-\udbff][\udc00-\udfff]/g, '1234')
    .replace(/[\u0800-\uffff]/g, '123')
    .replace(/[\u0080-\u07ff]/g, '12').length
}

export function randomKey(): string {
  // A typed array of those engines does not say its numbers.
  return [].join.call(crypto.getRandomValues(new Uint32Array(4)))
}

export function isBrowser(): boolean {
  // Internet Explorer 10 and Android 4.3 have nothing to make a key with.
  return typeof document !== 'undefined' && typeof crypto !== 'undefined'
}

export const soon: (task: () => void) => void =
  typeof Promise === 'function'
    ? (task) => void Promise.resolve().then(task)
    : (task) => void setTimeout(task)

export function isView(data: unknown): data is ArrayBufferView {
  return !!data && (data as ArrayBufferView).buffer instanceof ArrayBuffer
}

export function settle<T>(
  work: () => T | PromiseLike<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  soon(() => {
    try {
      const answer = work() as PromiseLike<T>
      if (answer && typeof answer.then === 'function') answer.then(done, failed)
      else done(answer as T)
    } catch (error) {
      failed(error)
    }
  })
}
