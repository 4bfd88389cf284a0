/** The depth of JSON, and how many arrays and objects it has (PROTOCOL.md 4.1 and 5). */
import { MAX_DEPTH } from './packets.mjs';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/**
 * Counts the arrays and objects of a JSON text, without making them. `Infinity`: one is in more than so many others, or they are
 * more than so many. Says nothing about text that is not JSON.
 *
 * @param maxCount Arrays and objects. Default: any number.
 * @param maxDepth Arrays and objects in one another; or a function that answers it for a field of the outermost object.
 */
function countContainers(text, maxCount = Infinity, maxDepth = MAX_DEPTH) {
    const depthIn = typeof maxDepth === 'number' ? undefined : maxDepth;
    let limit = typeof maxDepth === 'number' ? maxDepth : 1;
    let depth = 0;
    let count = 0;
    let field = '';
    for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code === QUOTE) {
            const start = i;
            i = endOfString(text, i);
            // The last text before a value is the name of its field.
            if (depthIn && depth === 1)
                field = text.slice(start, i + 1);
        }
        else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
            if (depthIn && depth === 1)
                limit = depthIn(field);
            if (++depth > limit || ++count > maxCount)
                return Infinity;
        }
        else if (code === CLOSE_BRACKET || code === CLOSE_BRACE)
            depth--;
    }
    return count;
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

export { countContainers };
//# sourceMappingURL=depth.mjs.map
