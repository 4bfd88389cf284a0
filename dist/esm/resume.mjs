/** Keeps a session over a reload of its page, in `sessionStorage`. */
import { toBase64, decodeEntries } from './base64.mjs';
import { toJSON, randomKey } from './engine.mjs';
import { encodeEntry, createMessage } from './protocol.mjs';

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
function resume(name = 'default') {
    const item = 'rungs:' + name;
    const page = (generation) => [generation, randomKey()];
    return {
        take() {
            try {
                const text = sessionStorage.getItem(item);
                sessionStorage.removeItem(item);
                const stored = JSON.parse(text);
                decodeEntries(stored.log);
                const log = stored.log.map(([data, peer]) => createMessage(data, peer));
                return { ...stored, page: page(stored.page[0] + 1), log };
            }
            catch {
                // Storage is forbidden here (SecurityError), or somebody else wrote the entry: there is nothing to resume.
                return { page: page(0) };
            }
        },
        put(saved) {
            try {
                const log = saved.log.map((message) => JSON.parse(encodeEntry(message, toBase64)));
                sessionStorage.setItem(item, toJSON({ ...saved, log }));
                return true;
            }
            catch {
                // There is nothing; or it is forbidden (SecurityError) or full (QuotaExceededError). The session ends with the page.
                return false;
            }
        },
    };
}

export { resume };
//# sourceMappingURL=resume.mjs.map
