/** Rungs with all five transports. */
import { connect as connect$1 } from './client.mjs';
import { ladder } from './connection/ladder.mjs';
import { remember } from './connection/network-memory.mjs';
export { RungsError } from './error.mjs';
import { resume } from './session/storage.mjs';
import { ALL_TRANSPORTS } from './transports/all.mjs';

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url, options = {}) {
    const { resume: resume$1 = false, remember: remember$1 = true, transports = ALL_TRANSPORTS } = options;
    return connect$1(url, {
        ...options,
        transports,
        remember: remember$1 ? remember() : undefined,
        resume: resume$1 ? resume(resume$1 === true ? undefined : resume$1) : undefined,
    }, { createStrategy: ladder, known: ALL_TRANSPORTS });
}
/** Which transports this browser has, whatever the network lets through. */
function detect() {
    const found = {};
    for (const transport of ALL_TRANSPORTS)
        found[transport.name] = transport.supported();
    return found;
}

export { connect, detect };
//# sourceMappingURL=index.mjs.map
