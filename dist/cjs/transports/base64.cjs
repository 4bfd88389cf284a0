/** Base64 (RFC 4648, section 4) by the browser's own `btoa` and `atob`. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var packets = require('../protocol/packets.cjs');

// Function.prototype.apply takes 65,536 arguments in every engine; WebKit throws above that.
const CHUNK = 0x8000;
function toBase64(bytes) {
    let binary = '';
    for (let i = 0; i < bytes.length; i += CHUNK) {
        binary += String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK));
    }
    return btoa(binary);
}
/** Replaces the base64 of binary entries by their bytes. */
function decodeEntries(entries = []) {
    for (const entry of entries) {
        if (((entry[2] || 0) & (packets.BINARY | packets.FRAME)) === packets.BINARY) {
            const binary = atob(entry[0]);
            const bytes = (entry[0] = new Uint8Array(binary.length));
            for (let i = 0; i < binary.length; i++)
                bytes[i] = binary.charCodeAt(i);
        }
    }
}

exports.decodeEntries = decodeEntries;
exports.toBase64 = toBase64;
