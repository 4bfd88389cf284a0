import { foreverIframe } from './forever-iframe.mjs';
import { longPoll } from './long-poll.mjs';
import { shortPoll } from './short-poll.mjs';
import { sse } from './sse.mjs';
import { websocket } from './websocket.mjs';

/** All transports, best first. */
const ALL_TRANSPORTS = [
    websocket,
    sse,
    longPoll,
    shortPoll,
    foreverIframe,
];

export { ALL_TRANSPORTS };
//# sourceMappingURL=all.mjs.map
