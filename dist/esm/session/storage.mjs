/** Keeps a session over a reload of its page, in the browser's `sessionStorage`. */
import { toJSON } from '../platform/json.mjs';
import { randomKey } from '../platform/random-key.mjs';
import { encodeWhole, createMessage } from '../protocol/messages.mjs';
import { toBase64, decodeEntries } from '../transports/base64.mjs';

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
function resume(name = 'default') {
    const item = `rungs:${name}`;
    const newPage = (generation) => [generation, randomKey()];
    return {
        take() {
            try {
                const text = sessionStorage.getItem(item);
                sessionStorage.removeItem(item);
                const stored = JSON.parse(text);
                decodeEntries(stored.log);
                const log = stored.log.map(([data, to]) => createMessage(data, to));
                return { ...stored, page: newPage(stored.page[0] + 1), log };
            }
            catch {
                // Storage is forbidden (SecurityError), empty, or was written by another program: there is nothing to resume.
                return { page: newPage(0) };
            }
        },
        put(saved) {
            if (!saved)
                return false;
            try {
                const log = saved.log.map((message) => JSON.parse(encodeWhole(message, toBase64).text));
                sessionStorage.setItem(item, toJSON({ ...saved, log }));
                return true;
            }
            catch {
                // Storage is forbidden (SecurityError) or full (QuotaExceededError): the session ends with the page.
                return false;
            }
        },
    };
}

export { resume };
//# sourceMappingURL=storage.mjs.map
