/** Keeps a session over a reload of its page, in `sessionStorage`. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var base64 = require('./base64.cjs');
var engine = require('./engine.cjs');
var protocol = require('./protocol.cjs');

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
function resume(name = 'default') {
    const item = 'rungs:' + name;
    const page = (generation) => [generation, engine.randomKey()];
    return {
        take() {
            try {
                const text = sessionStorage.getItem(item);
                sessionStorage.removeItem(item);
                const stored = JSON.parse(text);
                base64.decodeEntries(stored.log);
                const log = stored.log.map(([data, peer]) => protocol.createMessage(data, peer));
                return { ...stored, page: page(stored.page[0] + 1), log };
            }
            catch {
                // Storage is forbidden here (SecurityError), or somebody else wrote the entry: there is nothing to resume.
                return { page: page(0) };
            }
        },
        put(saved) {
            try {
                const log = saved.log.map((message) => JSON.parse(protocol.encodeEntry(message, base64.toBase64)));
                sessionStorage.setItem(item, engine.toJSON({ ...saved, log }));
                return true;
            }
            catch {
                // There is nothing; or it is forbidden (SecurityError) or full (QuotaExceededError). The session ends with the page.
                return false;
            }
        },
    };
}

exports.resume = resume;
