'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** The parts of the language that old engines lack. The ES5 build takes `engine.es5.ts` in place of this file. */
/** JSON text, in which lone surrogates are escaped (ECMAScript 2019). */
const stringify = JSON.stringify;
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

exports.callAsync = callAsync;
exports.enqueueTask = enqueueTask;
exports.isBrowser = isBrowser;
exports.isView = isView;
exports.stringify = stringify;
