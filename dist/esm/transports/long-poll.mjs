import { poll } from './poll.mjs';

/** An exchange that waits brings messages down. Without a connection to spare it is a short poll. */
const longPoll = /*#__PURE__*/ poll('long-poll', true);

export { longPoll };
//# sourceMappingURL=long-poll.mjs.map
