'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** What the language gives. The build for ES5 engines takes `engine.es5.ts` in its place. */
/** JSON text. A lone surrogate is escaped (ECMAScript 2019), or UTF-8 would turn it into U+FFFD. */
const toJSON = JSON.stringify;
/** UTF-8 length of a text (RFC 3629). Most are ASCII, where an encoder takes longer than all else that is done for a message. */
const byteLength = (text) => /[^ -~]/.test(text) ? new TextEncoder().encode(text).length : text.length;
/** 128 random bits, as text. */
const randomKey = () => '' + crypto.getRandomValues(new Uint32Array(4));
/** Whether this is a browser that has what we need. */
const isBrowser = () => typeof document !== 'undefined';
/** Runs a task after all that runs now. */
const soon = (task) => queueMicrotask(task);
/** Whether it is a typed array or a DataView, of whatever frame. */
const isView = ArrayBuffer.isView;
/** Calls what answers at once or later, and passes its answer or its error on. */
function settle(work, done, failed) {
    void Promise.resolve().then(work).then(done, failed);
}

exports.byteLength = byteLength;
exports.isBrowser = isBrowser;
exports.isView = isView;
exports.randomKey = randomKey;
exports.settle = settle;
exports.soon = soon;
exports.toJSON = toJSON;
