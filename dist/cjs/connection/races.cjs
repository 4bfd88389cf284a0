/** When the next attempt starts: the transports of a race one after the other, and then the next race. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds by which the next transport of a race starts after the one before, at least; and round trips. */
const HEAD_START = 250;
const HEAD_START_ROUND_TRIPS = 3;
/**
 * Races of one request each, at least, between two races of all transports while nothing gets through; and how many more
 * chance may add, so that clients which fell together do not do it together.
 */
const CHEAP_RACES = 2;
const MORE_CHEAP_RACES = 3;
/** Milliseconds until a request without an answer gets another one beside it, and the part of chance; and round trips. */
const SILENCE = 900;
const SILENCE_JITTER = 300;
const SILENCE_ROUND_TRIPS = 2;
function createRaces(clock, strategy, candidates, contest, backoff) {
    /** Transports of this race that have not started, best first. */
    let queue = [];
    /** When the first of them starts. Counts only while there is one. */
    let nextStartAt = 0;
    /** When the next race begins; `Infinity`: not scheduled. */
    let nextRaceAt = Infinity;
    /** Races of one request each until the next one of all transports. */
    let cheapRacesLeft = 0;
    /** The latest attempt of a transport that needs one round trip. */
    let opener;
    /** Whether this race is one request, and not between all transports. */
    let isRetry = false;
    /** Whether nothing opens beside a racer, because each may meet another server. Holds until something carries. */
    let isOneByOne = false;
    const isRacing = (transport) => contest.racers.some((racer) => racer.transport === transport);
    const begin = () => {
        isRetry = false;
        cheapRacesLeft = CHEAP_RACES + Math.floor(clock.random() * (MORE_CHEAP_RACES + 1));
        nextRaceAt = Infinity;
        nextStartAt = clock.now();
        contest.forgetFailures();
        queue = candidates
            .inOrder()
            .filter((transport) => contest.wouldTakeOver(transport) && !isRacing(transport));
        // A transport that needs one round trip makes the session usable while the others are tried.
        const instant = isOneByOne ? undefined : queue.filter((transport) => transport.instant).pop();
        queue = queue.filter((transport) => transport !== instant);
        if (instant)
            opener = contest.start(instant);
    };
    /** The transport for a race of one cheap request, if there is one. */
    const cheapest = () => candidates.transports
        .filter((transport) => transport.instant && !candidates.coolsDown(transport))
        .pop();
    const retry = (instant) => {
        isRetry = true;
        cheapRacesLeft--;
        nextRaceAt = Infinity;
        // The oldest request keeps its time, because a slow line needs it. The others make room for the newest.
        const [, ...newer] = contest.racers.filter(({ transport }) => transport === instant);
        newer.forEach((racer) => contest.close(racer, 'replaced'));
        opener = contest.start(instant);
    };
    /** Milliseconds until the next race, where nothing carries. */
    const nextDelay = () => {
        const isSilent = contest.racers.some((racer) => racer === opener);
        if (!isSilent || !strategy.isVisible())
            return backoff.next(strategy.session().retryBounds);
        const roundTrips = SILENCE_ROUND_TRIPS * contest.estimatedRtt();
        const uploadTime = strategy.session().uploadTime();
        return Math.max(SILENCE, roundTrips, uploadTime) + SILENCE_JITTER * clock.random();
    };
    const headStart = () => Math.max(HEAD_START, HEAD_START_ROUND_TRIPS * contest.estimatedRtt());
    return {
        begin,
        startNext(now) {
            const [next, ...rest] = queue;
            // A slow token is no fault of the transport that waits for it, so its head start begins when the token is there.
            const isHeld = contest.racers.some((racer) => racer.awaitsToken() && racer !== opener);
            if (next && isHeld)
                nextStartAt = Math.max(nextStartAt, now + headStart());
            if (isOneByOne && contest.racers.length)
                return false;
            if (next && nextStartAt <= now) {
                queue = rest;
                nextStartAt = now + headStart();
                contest.start(next);
                return true;
            }
            if (nextRaceAt > now)
                return false;
            if (contest.current) {
                begin();
            }
            else if (contest.racers.some((racer) => racer.sinceProgress() < SILENCE)) {
                // An answer is on its way, and another request would only slow it down.
                nextRaceAt = now + SILENCE;
            }
            else {
                const instant = isOneByOne ? undefined : cheapest();
                if (instant && cheapRacesLeft > 0)
                    retry(instant);
                else
                    begin();
            }
            return true;
        },
        get nextAt() {
            // The end of the racer makes way for the next one.
            if (isOneByOne && contest.racers.length)
                return Infinity;
            return queue.length ? Math.min(nextStartAt, nextRaceAt) : nextRaceAt;
        },
        isNextOpen() {
            if (queue.length || nextRaceAt < Infinity)
                return false;
            const { current, racers } = contest;
            if (current || isOneByOne)
                return !racers.length;
            // Where nothing carries, not even attempts that hang keep the next race from beginning.
            return racers.length < candidates.transports.length || !!cheapest();
        },
        scheduleNext(now) {
            const { current } = contest;
            nextRaceAt = current ? candidates.nextClimbAt(current.transport) : now + nextDelay();
        },
        onTakeOver() {
            isOneByOne = false;
            // After one request that got through, the better transports are tried at once.
            nextRaceAt = isRetry ? clock.now() : Infinity;
            queue = queue.filter(contest.wouldTakeOver);
        },
        onFailure(hasCarried) {
            if (hasCarried) {
                // The next race was to climb above what carried. Now it begins after a random delay.
                cheapRacesLeft = 0;
                nextRaceAt = Infinity;
            }
            nextStartAt = clock.now();
        },
        skipBeaten() {
            queue = queue.filter(contest.wouldTakeOver);
        },
        hurry() {
            nextStartAt = clock.now();
            if (nextRaceAt < Infinity)
                nextRaceAt = clock.now();
        },
        cancel(at = Infinity, oneByOne = false) {
            isOneByOne = oneByOne;
            cheapRacesLeft = 0;
            queue = [];
            nextRaceAt = at;
        },
    };
}

exports.createRaces = createRaces;
