import { poll } from './poll.mjs';

/** An exchange that waits brings messages down. */
const longPoll = /*#__PURE__*/ poll('long-poll');

export { longPoll };
//# sourceMappingURL=long-poll.mjs.map
