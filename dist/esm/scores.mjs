/** How transports fared on this network: one that fails, or lives for a short time again and again, has a cool-down. */
/** Milliseconds after which a life was long enough to forget what was before. */
const LONG = 60000;
/** Milliseconds of the first cool-down, and of the longest. */
const FIRST = 20000;
const CAP = 600000;
/** Notes a failure, after a life of so many milliseconds; 0 if it was never proven. */
function strike(scores, name, now, life) {
    const strikes = (life < LONG && scores[name]?.[0]) || 0;
    // One short life may be an accident; a second one in a row is not.
    const cool = life && !strikes ? 0 : Math.min(CAP, FIRST * Math.pow(2, strikes));
    scores[name] = [strikes + 1, now + cool];
}

export { strike };
//# sourceMappingURL=scores.mjs.map
