/** When the next attempt starts: the transports of a race one after the other, and then the next race. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds by which the next transport of a race starts after the one before, at least; and round trips. */
const HEAD_START = 250;
const HEAD_START_ROUND_TRIPS = 3;
function createRaces(clock, candidates, contest) {
    /** Transports of this race that have not started, best first. */
    let queue = [];
    /** When the first of them starts. Counts only while there is one. */
    let nextStartAt = 0;
    /** When the next race begins; `Infinity`: not scheduled. */
    let nextRaceAt = Infinity;
    const isRacing = (transport) => contest.racers.some((racer) => racer.transport === transport);
    const begin = () => {
        nextRaceAt = Infinity;
        nextStartAt = clock.now();
        contest.forgetFailures();
        queue = candidates
            .inOrder()
            .filter((transport) => contest.wouldTakeOver(transport) && !isRacing(transport));
        // A transport that needs one round trip makes the session usable while the others are tried.
        const opener = queue.filter(({ instant }) => instant).pop();
        queue = queue.filter((transport) => transport !== opener);
        if (opener)
            contest.start(opener);
    };
    return {
        begin,
        startNext(now) {
            const [next, ...rest] = queue;
            if (next && nextStartAt <= now) {
                queue = rest;
                nextStartAt = now + Math.max(HEAD_START, HEAD_START_ROUND_TRIPS * contest.estimatedRtt());
                contest.start(next);
                return true;
            }
            if (nextRaceAt > now)
                return false;
            begin();
            return true;
        },
        get nextAt() {
            return queue.length ? Math.min(nextStartAt, nextRaceAt) : nextRaceAt;
        },
        isNextOpen() {
            if (queue.length || nextRaceAt < Infinity)
                return false;
            const { current, racers } = contest;
            // Where nothing carries, not even an attempt that hangs keeps the next race from beginning.
            return current ? !racers.length : racers.length < candidates.transports.length;
        },
        schedule(at) {
            nextRaceAt = at;
        },
        continueNow() {
            nextStartAt = clock.now();
        },
        hurry() {
            nextStartAt = clock.now();
            if (nextRaceAt < Infinity)
                nextRaceAt = clock.now();
        },
        skipBeaten() {
            queue = queue.filter(contest.wouldTakeOver);
        },
        cancel() {
            queue = [];
            nextRaceAt = Infinity;
        },
    };
}

exports.createRaces = createRaces;
