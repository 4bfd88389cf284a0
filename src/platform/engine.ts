/** The parts of the language that old engines lack. The ES5 build takes `engine.es5.ts` in place of this file. */

/** JSON text. Lone surrogates are escaped (ECMAScript 2019), because UTF-8 would turn them into U+FFFD. */
export const toJSON: (value: unknown) => string = JSON.stringify

/**
 * Length of a text in bytes of UTF-8 (RFC 3629). Printable ASCII, which most texts are, needs no encoder: encoding takes
 * longer than everything else that is done for a small message.
 */
export const byteLength = (text: string): number =>
  /[^ -~]/.test(text) ? new TextEncoder().encode(text).length : text.length

/** 128 random bits, as text. */
export const randomKey = (): string => '' + crypto.getRandomValues(new Uint32Array(4))

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
