/** Milliseconds within which resets are in a row. */
const ROW = 60000;
/** Resets in a row from which on several servers are likely, of which each knows its own sessions. One may be a restart. */
const SEVERAL = 2;
function createUnknownEnds(clock) {
    let count = 0;
    let lastAt = -Infinity;
    return {
        add(reason) {
            if (reason !== 'unknown' || clock.now() - lastAt > ROW)
                count = 0;
            if (reason === 'unknown')
                count++;
            lastAt = clock.now();
            return count >= SEVERAL;
        },
    };
}

export { createUnknownEnds };
//# sourceMappingURL=unknown-ends.mjs.map
