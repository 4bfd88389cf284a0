'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/**
 * Boxes on the way that hold back the head and the first kilobytes of a stream, as proxies do that may compress it. Padding
 * pushes them through, so the client asks for it, and the better transport may live.
 */
/** Bytes of padding that are asked for first, and where those do not help. */
const FIRST = 2048;
const MOST_PADDING = 4096;
/** `bytes`: learned before; 0: nothing. */
function createStreamPadding(bytes = 0) {
    return {
        get bytes() {
            return bytes;
        },
        noteHeldBack() {
            if (bytes >= MOST_PADDING)
                return false;
            bytes = bytes ? MOST_PADDING : FIRST;
            return true;
        },
        forget() {
            bytes = 0;
        },
    };
}

exports.MOST_PADDING = MOST_PADDING;
exports.createStreamPadding = createStreamPadding;
