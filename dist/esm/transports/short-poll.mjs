import { poll } from './poll.mjs';

/** Exchanges on a timer carry both ways: at once when there is something to send, ever slower when nothing flows. */
const shortPoll = /*#__PURE__*/ poll('short-poll', false);

export { shortPoll };
//# sourceMappingURL=short-poll.mjs.map
