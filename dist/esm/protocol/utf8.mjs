import { isHigh, isLow } from '../platform/surrogates.mjs';

/**
 * Length of a text in bytes of UTF-8 (RFC 3629), without an encoder, which jsdom and old engines lack. Printable ASCII, which
 * most texts are, needs no look at each unit.
 */
function byteLength(text) {
    let bytes = text.length;
    for (let i = /[^ -~]/.test(text) ? 0 : text.length; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 0x7f)
            bytes++;
        if (unit > 0x7ff)
            bytes++;
        // The second unit of a pair makes four bytes of three. A lone surrogate becomes U+FFFD, which has three.
        if (isHigh(unit) && isLow(text.charCodeAt(i + 1)))
            i++;
    }
    return bytes;
}

export { byteLength };
//# sourceMappingURL=utf8.mjs.map
