/** How long the way to the server and back takes (RFC 6298). */
/** Weight of one sample in the smoothed time, and in the variation (RFC 6298, 2.3). */
const SAMPLE_WEIGHT = 1 / 8;
const VARIATION_WEIGHT = 1 / 4;
/** Variations, and round trips, that an answer may take: the larger of the two. */
const VARIATIONS = 4;
const ROUND_TRIPS = 4;
/** Milliseconds of the longest sample that is believed (RFC 6298, 2.5). */
const LONGEST = 60000;
/** An outlier is this many times as long as an answer may take, and has this many milliseconds at least. */
const OUTLIER = 4;
const SHORTEST_OUTLIER = 3000;
function createRoundTripTimer(clock) {
    let rtt = null;
    let variation = 0;
    let wasOutlier = false;
    let timed;
    /** Number of the last message that was sent at all. */
    let lastSent = 0;
    const answerTime = () => rtt === null ? 0 : Math.max(ROUND_TRIPS * rtt, rtt + VARIATIONS * variation);
    const take = (sample) => {
        const isOutlier = sample > Math.max(SHORTEST_OUTLIER, OUTLIER * answerTime());
        const isBelieved = !isOutlier || wasOutlier;
        wasOutlier = isOutlier;
        if (!isBelieved)
            return;
        variation =
            rtt === null
                ? sample / 2
                : variation + (Math.abs(rtt - sample) - variation) * VARIATION_WEIGHT;
        rtt = rtt === null ? sample : rtt + (sample - rtt) * SAMPLE_WEIGHT;
    };
    return {
        get rtt() {
            return rtt;
        },
        get answerTime() {
            return answerTime();
        },
        sent(first, last) {
            if (timed && first <= timed.sequence)
                timed = undefined;
            if (last <= lastSent)
                return;
            lastSent = last;
            timed || (timed = { sequence: last, sentAt: clock.now() });
        },
        received(upTo) {
            if (!timed || upTo < timed.sequence)
                return;
            take(Math.min(clock.now() - timed.sentAt, LONGEST));
            timed = undefined;
        },
        interrupt() {
            timed = undefined;
        },
    };
}

export { createRoundTripTimer };
//# sourceMappingURL=round-trip.mjs.map
