'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** The parts of the language that old engines lack. The ES5 build takes `engine.es5.ts` in place of this file. */
/** JSON text. Lone surrogates are escaped (ECMAScript 2019), because UTF-8 would turn them into U+FFFD. */
const toJSON = JSON.stringify;
/**
 * Length of a text in bytes of UTF-8 (RFC 3629). Printable ASCII, which most texts are, needs no encoder: encoding takes
 * longer than everything else that is done for a small message.
 */
const byteLength = (text) => /[^ -~]/.test(text) ? new TextEncoder().encode(text).length : text.length;
/** 128 random bits, as text. */
const randomKey = () => '' + crypto.getRandomValues(new Uint32Array(4));
/** Whether this is a page of a browser that can make a key. */
const isBrowser = () => typeof document !== 'undefined' && typeof crypto !== 'undefined';
/** Runs a task as soon as the task that runs now is over. */
const enqueueTask = (task) => queueMicrotask(task);
/** Whether the data is a typed array or a DataView, also one of another frame. */
const isView = ArrayBuffer.isView;
/** Calls a function that answers with a value or a promise, and passes on the value or the error. */
function callAsync(work, onValue, onError) {
    void Promise.resolve().then(work).then(onValue, onError);
}

exports.byteLength = byteLength;
exports.callAsync = callAsync;
exports.enqueueTask = enqueueTask;
exports.isBrowser = isBrowser;
exports.isView = isView;
exports.randomKey = randomKey;
exports.toJSON = toJSON;
