/** The depth of JSON (PROTOCOL.md 4.1). */
import { MAX_DEPTH } from './packets.mjs';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Whether a JSON text has more than so many arrays and objects in one another. Says nothing about text that is not JSON. */
function isTooDeep(text, maxDepth = MAX_DEPTH) {
    // Each level takes two characters.
    if (text.length <= 2 * maxDepth)
        return false;
    let depth = 0;
    for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code === QUOTE)
            i = endOfString(text, i);
        else if (code === OPEN_BRACKET || code === OPEN_BRACE)
            depth++;
        else if (code === CLOSE_BRACKET || code === CLOSE_BRACE)
            depth--;
        if (depth > maxDepth)
            return true;
    }
    return false;
}
/** The index of the quote that ends the string which begins at an index; the length of the text if there is none. */
function endOfString(text, start) {
    for (let end = start;;) {
        end = text.indexOf('"', end + 1);
        if (end < 0)
            return text.length;
        let backslashes = 0;
        while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH)
            backslashes++;
        if (backslashes % 2 === 0)
            return end;
    }
}

export { isTooDeep };
//# sourceMappingURL=depth.mjs.map
