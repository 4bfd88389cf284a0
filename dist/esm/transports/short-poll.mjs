import { poll } from './poll.mjs';

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower while nothing flows. */
const shortPoll = /*#__PURE__*/ poll('short-poll');

export { shortPoll };
//# sourceMappingURL=short-poll.mjs.map
