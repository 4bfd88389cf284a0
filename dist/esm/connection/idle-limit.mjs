/**
 * Boxes on the way that close what is idle: many proxies are set to 10 s, below the server's heartbeat. Polls learn that by
 * themselves; for WebSockets and streams the client asks for a shorter heartbeat, so that the best transport may live.
 */
/** Milliseconds of the shortest limit that is learned: what dies sooner is broken rather than idle. */
const SHORTEST = 4000;
/** Share of the limit, and milliseconds, by which a heartbeat stays below: the server may be late by a second (PROTOCOL.md 6.9). */
const SHARE = 0.8;
const LATE = 1000;
/** Two silences are the same if they differ by this share, or by so many milliseconds. */
const SAME_SHARE = 0.1;
const SAME = 500;
/** Milliseconds of which nearly all limits are multiples. A cut comes a little later than the limit, and never before it. */
const ROUND = 5000;
/** `heartbeat`: what was learned before; 0: nothing. */
function createIdleLimit(heartbeat = 0) {
    let lastSilence = 0;
    const isSame = (silence) => lastSilence > 0 && Math.abs(silence - lastSilence) <= Math.max(SAME, SAME_SHARE * lastSilence);
    return {
        get heartbeat() {
            return heartbeat;
        },
        noteCut(silence, current) {
            // With a heartbeat in time, nothing is silent for longer.
            if (silence < SHORTEST || silence > current)
                return false;
            // A shorter heartbeat was asked for, and did not help.
            if (heartbeat && silence > heartbeat)
                return false;
            const isAgain = isSame(silence);
            const isLimit = isAgain || silence % ROUND <= SAME;
            const least = isAgain ? Math.min(silence, lastSilence) : silence;
            lastSilence = silence;
            if (isLimit)
                heartbeat = Math.floor(SHARE * least - LATE);
            return isLimit;
        },
        forget() {
            heartbeat = lastSilence = 0;
        },
    };
}

export { createIdleLimit };
//# sourceMappingURL=idle-limit.mjs.map
