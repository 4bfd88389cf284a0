/** The parts of the language that old engines lack. The ES5 build takes `engine.es5.ts` in place of this file. */

/** Answers the value to write for one that is met. `this` is the object or array around it. */
export type Replacer = (
  this: { readonly [key: string]: unknown },
  key: string,
  value: unknown,
) => unknown

/** JSON text, in which lone surrogates are escaped (ECMAScript 2019). */
export const stringify: (value: unknown, replacer?: Replacer) => string = JSON.stringify

// The server imports this file through the protocol, and has no types of a browser.
declare const document: unknown

/** Whether this is a page of a browser that can make a key. */
export const isBrowser = (): boolean =>
  typeof document !== 'undefined' && typeof crypto !== 'undefined'

/** Runs a task as soon as the task that runs now is over. */
export const enqueueTask: (task: () => void) => void = (task) => queueMicrotask(task)

/** Whether the data is a typed array or a DataView, also one of another frame. */
export const isView: (data: unknown) => data is ArrayBufferView = ArrayBuffer.isView

/** Calls a function that answers with a value or a promise, and passes on the value or the error. */
export function callAsync<T>(
  work: () => T | PromiseLike<T>,
  onValue: (value: T) => void,
  onError: (error: unknown) => void,
): void {
  void Promise.resolve().then(work).then(onValue, onError)
}
