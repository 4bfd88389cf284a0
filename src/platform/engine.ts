/** What the language gives. The build for ES5 engines takes `engine.es5.ts` in its place. */

/** JSON text. A lone surrogate is escaped (ECMAScript 2019), or UTF-8 would turn it into U+FFFD. */
export const toJSON: (value: unknown) => string = JSON.stringify

/** UTF-8 length of a text (RFC 3629). Most are ASCII, where an encoder takes longer than all else that is done for a message. */
export const byteLength = (text: string): number =>
  /[^ -~]/.test(text) ? new TextEncoder().encode(text).length : text.length

/** 128 random bits, as text. */
export const randomKey = (): string => '' + crypto.getRandomValues(new Uint32Array(4))

// The server, which imports this file too, has no types of a browser.
declare const document: unknown

/** Whether this is a browser that has what we need. */
export const isBrowser = (): boolean => typeof document !== 'undefined'

/** Runs a task after all that runs now. */
export const soon: (task: () => void) => void = (task) => queueMicrotask(task)

/** Whether it is a typed array or a DataView, of whatever frame. */
export const isView: (data: unknown) => data is ArrayBufferView = ArrayBuffer.isView

/** Calls what answers at once or later, and passes its answer or its error on. */
export function settle<T>(
  work: () => T | PromiseLike<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  void Promise.resolve().then(work).then(done, failed)
}
