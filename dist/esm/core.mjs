/** Rungs with the transports that you pass in, and no others in your bundle. */
import { connect as connect$1 } from './client.mjs';
import { RungsError } from './error.mjs';
import { ladder as ladder$1 } from './ladder.mjs';
import { reconnect } from './reconnect.mjs';
export { remember } from './memory.mjs';
export { resume } from './resume.mjs';
export { foreverIframe } from './transports/forever-iframe.mjs';
export { longPoll } from './transports/long-poll.mjs';
export { shortPoll } from './transports/short-poll.mjs';
export { sse } from './transports/sse.mjs';
export { websocket } from './transports/websocket.mjs';

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url, options) {
    const { transports, ladder, remember } = options;
    if ((transports[1] || remember) && !ladder)
        throw new RungsError('invalid-option', 'Pass ladder to climb or remember');
    return connect$1(url, options, ladder || reconnect);
}
/** Climbs between several transports: the option `ladder`. Its inside is no API. */
const ladder = ladder$1;

export { RungsError, connect, ladder };
//# sourceMappingURL=core.mjs.map
