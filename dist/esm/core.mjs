/** Rungs with the transports that you pass in, and no others in your bundle. */
import { connect as connect$1 } from './client.mjs';
import { ladder as ladder$1 } from './connection/ladder.mjs';
import { reconnect } from './connection/reconnect.mjs';
import { RungsError } from './error.mjs';
export { remember } from './connection/network-memory.mjs';
export { resume } from './session/storage.mjs';
export { foreverIframe } from './transports/forever-iframe.mjs';
export { longPoll } from './transports/long-poll.mjs';
export { shortPoll } from './transports/short-poll.mjs';
export { sse } from './transports/sse.mjs';
export { websocket } from './transports/websocket.mjs';

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url, options) {
    const { transports, ladder: climb, remember } = options;
    if ((transports.length > 1 || remember) && !climb) {
        throw new RungsError('invalid-option', 'Several transports, or remember, need the option ladder; import { ladder } from "rungs/core" and pass it');
    }
    const createStrategy = climb || reconnect;
    return connect$1(url, options, { createStrategy, known: transports });
}
/** Changes between several transports: the value of the option `ladder`. Its inside is no API. */
const ladder = ladder$1;

export { RungsError, connect, ladder };
//# sourceMappingURL=core.mjs.map
