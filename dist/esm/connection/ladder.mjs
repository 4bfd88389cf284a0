/**
 * Which of several transports carries now, and when another one is tried. Whatever happens is answered by a race beside
 * what carries; ARCHITECTURE.md has the table.
 */
import { CLOCK_CHECK } from './attempt.mjs';
import { createBodyLimit } from '../session/body-limit.mjs';
import { createBackoff } from './backoff.mjs';
import { createCandidates } from './candidates.mjs';
import { createContest } from './contest.mjs';
import { createIdleLimit } from './idle-limit.mjs';
import { createRaces } from './races.mjs';
import { createStreamPadding } from './stream-padding.mjs';
import { createLoop } from './timer.mjs';

/** Milliseconds between two changes of the network that count: some browsers report a storm of them. */
const NETWORK_CHANGE_INTERVAL = 10000;
const ladder = (clock, on, server, memory) => {
    const { cooldowns, rtt, heartbeat, pad, body } = memory?.load(server) || { cooldowns: {}, rtt: 0 };
    const idleLimit = createIdleLimit(heartbeat);
    const padding = createStreamPadding(pad);
    const bodyLimit = createBodyLimit(body, () => save());
    const backoff = createBackoff(clock, on.isVisible);
    /** Delays of restarts that follow each other, as where several servers answer that do not know each other. */
    const restartBackoff = createBackoff(clock, on.isVisible, true);
    const candidates = createCandidates(clock, cooldowns);
    /** Whether carriers may be opened: from the first `setTransports` until `stop`. */
    let isRunning = false;
    /** Until when another change of the network is no more than a reason to look whether what carries lives. */
    let networkCountsAt = -Infinity;
    const save = () => memory?.save(server, {
        ...{ cooldowns, rtt: contest.estimatedRtt() },
        ...(idleLimit.heartbeat ? { heartbeat: idleLimit.heartbeat } : {}),
        ...(padding.bytes ? { pad: padding.bytes } : {}),
        ...(bodyLimit.bytes && bodyLimit.bytes < Infinity ? { body: bodyLimit.bytes } : {}),
    });
    /** Tells the client, whose listeners may stop or restart the ladder. Callers do nothing after it but `step`. */
    const notify = (reason) => {
        save();
        on.onTransportChange(contest.current ? contest.current.transport.name : null, reason);
    };
    const contest = createContest(clock, on, candidates, [backoff, restartBackoff], {
        onTakeOver(reason) {
            races.onTakeOver();
            notify(reason);
        },
        onFailure(reason, hasCarried) {
            races.onFailure(hasCarried);
            notify(reason);
            step();
        },
        onActivity() {
            races.skipBeaten();
            step();
        },
    }, idleLimit, padding, bodyLimit, rtt);
    const races = createRaces(clock, on, candidates, contest, backoff);
    const { step, stop: stopLoop } = createLoop(clock, {
        isRunning: () => isRunning,
        doNext(now) {
            const { current, suspicion } = contest;
            const { attempt, due, reason } = contest.nextDeadline();
            if (attempt && due <= now) {
                if (attempt !== current) {
                    contest.fail(attempt, reason);
                }
                else {
                    contest.suspect(reason);
                    races.begin();
                }
                return true;
            }
            if (races.startNext(now))
                return true;
            if (!races.isNextOpen())
                return false;
            if (current && suspicion) {
                // The suspect did not speak up, and nothing else got through.
                contest.fail(current, suspicion);
                return true;
            }
            races.scheduleNext(now);
            return false;
        },
        nextDueAt: (now) => Math.min(contest.nextDeadline().due, races.nextAt, contest.current ? now + CLOCK_CHECK : Infinity),
        // Packets that arrived meanwhile are still to be read, so the verdict waits for an answer.
        onLate: () => contest.open().forEach((attempt) => attempt.ping()),
    });
    const stop = (bye, reason = 'stopped') => {
        isRunning = false;
        races.cancel();
        stopLoop();
        return contest.closeAll(reason, bye);
    };
    const wake = () => {
        if (!isRunning)
            return;
        if (!contest.current)
            races.hurry();
        else if (!contest.suspicion)
            contest.current.ping();
        step();
    };
    return {
        attempts: contest.records,
        flush() {
            contest.open().forEach((attempt) => attempt.flush());
            step();
        },
        setTransports(transports) {
            // An application that changes the ladder wants to see it climbed.
            if (isRunning)
                candidates.endCooldowns();
            candidates.setTransports(transports);
            isRunning = true;
            contest.closeRacers('unused');
            races.begin();
            step();
        },
        wake,
        onNetworkChange() {
            if (!isRunning)
                return;
            if (clock.now() < networkCountsAt)
                return wake();
            networkCountsAt = clock.now() + NETWORK_CHANGE_INTERVAL;
            candidates.endCooldowns();
            idleLimit.forget();
            padding.forget();
            bodyLimit.forget();
            // Attempts that hang since before the change have little hope.
            if (!contest.current)
                contest.closeRacers('network');
            else if (!contest.suspicion)
                contest.current.ping();
            races.hurry();
            if (races.isNextOpen())
                races.begin();
            step();
        },
        restart(reason, oneByOne) {
            stop('', reason);
            isRunning = true;
            // A server that has answered is not waited for, unless it lets go of us again and again.
            races.cancel(clock.now() + restartBackoff.next(on.session().retryBounds), oneByOne);
            notify(reason);
            step();
        },
        stop,
    };
};

export { ladder };
//# sourceMappingURL=ladder.mjs.map
