/** Rungs with all five transports. */
import { connect as connect$1 } from './client.mjs';
import { RungsError } from './error.mjs';
import { ladder } from './ladder.mjs';
import { remember } from './memory.mjs';
import { resume } from './resume.mjs';
import { foreverIframe } from './transports/forever-iframe.mjs';
import { longPoll } from './transports/long-poll.mjs';
import { shortPoll } from './transports/short-poll.mjs';
import { sse } from './transports/sse.mjs';
import { websocket } from './transports/websocket.mjs';

/** The ladder, best rung first. */
const LADDER = [websocket, sse, longPoll, shortPoll, foreverIframe];
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url, options = {}) {
    const { resume: resume$1, remember: remember$1 = true, transports = LADDER } = options;
    return connect$1(url, {
        ...options,
        transports: transports.map((each) => {
            const [found = each] = LADDER.filter(({ name }) => name === each);
            if (typeof found === 'string')
                throw new RungsError('invalid-option', 'no transport ' + each);
            return found;
        }),
        remember: remember$1 ? remember() : undefined,
        resume: resume$1 ? resume(resume$1 === true ? undefined : resume$1) : undefined,
    }, ladder);
}
/** Which transports this browser has, whatever the network lets through. */
function detect() {
    const found = {};
    for (const transport of LADDER)
        found[transport.name] = transport.supported();
    return found;
}

export { RungsError, connect, detect };
//# sourceMappingURL=index.mjs.map
