/** The attempts that are open: one carries, and the others race beside it until one of them proves itself. */
import { SHORT_UPTIME, createAttempts } from './attempt.mjs';

/** `rememberedRtt`: milliseconds of a round trip that hold until one is measured; 0: not known. */
function createContest(clock, strategy, candidates, delays, on, idleLimit, padding, bodyLimit, rememberedRtt) {
    let current;
    let suspicion;
    let racers = [];
    /** Failures that count once another transport gets through: until then the whole network may be down. */
    let uncountedFailures = [];
    const wouldTakeOver = (transport) => !current || !!suspicion || candidates.isBetter(transport, current.transport);
    const countFailure = ({ transport, uptime }) => candidates.recordFailure(transport, uptime());
    const remove = (attempt) => {
        racers = racers.filter((racer) => racer !== attempt);
    };
    const close = (attempt, reason, bye) => {
        if (attempt === current) {
            current = suspicion = undefined;
            if (attempt.uptime() > SHORT_UPTIME)
                delays.forEach((backoff) => backoff.reset());
        }
        remove(attempt);
        return attempt.close(reason, bye);
    };
    const closeBeaten = () => racers.forEach((racer) => wouldTakeOver(racer.transport) || close(racer, 'beaten'));
    const onProven = (attempt) => {
        const reason = current ? suspicion || 'preferred' : 'opened';
        uncountedFailures.forEach(countFailure);
        uncountedFailures = [];
        if (current) {
            if (suspicion)
                countFailure(current);
            close(current, reason);
        }
        remove(attempt);
        current = attempt;
        closeBeaten();
        on.onTakeOver(reason);
    };
    /** Whether a box on the way has cut what was idle, which a shorter heartbeat prevents from now on. */
    const isIdleCut = (attempt, reason) => !attempt.transport.instant &&
        /^(closed-\d+|stream-ended)$/.test(reason) &&
        idleLimit.noteCut(attempt.silence(), strategy.session().serverLimits.heartbeat);
    /** Whether a box on the way holds back the beginning of streams, which padding may push through. */
    const isHeldBack = (attempt, reason) => reason === 'deadline' && attempt.awaitsStream() && padding.noteHeldBack();
    const start = (transport) => {
        const attempt = create(transport, delays[0].lastDelay);
        racers = racers.concat(attempt);
        attempt.open();
        return attempt;
    };
    const fail = (attempt, reason) => {
        const hasCarried = attempt === current;
        const { transport } = attempt;
        const isRetried = isHeldBack(attempt, reason);
        // Other tabs that hold all connection slots, and servers without a common store, are no fault of the transport.
        const isBlameless = isRetried ||
            reason === 'no-slot' ||
            reason === 'unknown' ||
            (hasCarried && isIdleCut(attempt, reason));
        if (!isBlameless) {
            if (hasCarried || (current && !suspicion))
                countFailure(attempt);
            else
                uncountedFailures.push(attempt);
        }
        close(attempt, reason);
        if (isRetried && wouldTakeOver(transport))
            start(transport);
        on.onFailure(reason, hasCarried);
    };
    const onActivity = (attempt) => {
        if (suspicion && attempt === current && attempt.deadline().due > clock.now()) {
            suspicion = undefined;
            closeBeaten();
        }
        on.onActivity();
    };
    const open = () => (current ? [current, ...racers] : racers);
    const { records, estimatedRtt, create } = createAttempts(clock, strategy, {
        ...{ onProven, onFailed: fail, onActivity },
        isBeside: (attempt) => !!current && current !== attempt,
    }, rememberedRtt, () => ({ heartbeat: idleLimit.heartbeat, pad: padding.bytes, bodyLimit }));
    return {
        records,
        estimatedRtt,
        get current() {
            return current;
        },
        get suspicion() {
            return suspicion;
        },
        get racers() {
            return racers;
        },
        open,
        start,
        wouldTakeOver,
        suspect(reason) {
            suspicion = reason;
        },
        fail,
        nextDeadline() {
            let next = { due: Infinity, reason: 'silent' };
            open().forEach((attempt) => {
                // A suspect has had its deadline. It has lost when another attempt proves itself, or all others have failed.
                if (attempt === current && suspicion)
                    return;
                const { due, reason } = attempt.deadline();
                if (due < next.due)
                    next = { due, reason, attempt };
            });
            return next;
        },
        forgetFailures() {
            uncountedFailures = [];
        },
        close,
        closeRacers: (reason) => racers.forEach((racer) => close(racer, reason)),
        closeAll(reason, bye) {
            const isSound = !!current && !suspicion;
            const saidGoodbye = open().map((attempt, index) => close(attempt, reason, index ? '' : bye));
            return isSound && saidGoodbye[0] === true;
        },
    };
}

export { createContest };
//# sourceMappingURL=contest.mjs.map
