/**
 * Which of several transports carries now, and when another one is tried. Whatever happens is answered by a race beside
 * what carries; ARCHITECTURE.md has the table.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var attempt = require('./attempt.cjs');
var bodyLimit = require('../session/body-limit.cjs');
var backoff = require('./backoff.cjs');
var candidates = require('./candidates.cjs');
var contest = require('./contest.cjs');
var idleLimit = require('./idle-limit.cjs');
var races = require('./races.cjs');
var streamPadding = require('./stream-padding.cjs');
var timer = require('./timer.cjs');

/** Milliseconds between two changes of the network that count: some browsers report a storm of them. */
const NETWORK_CHANGE_INTERVAL = 10000;
const ladder = (clock, on, server, memory) => {
    const { cooldowns, rtt, heartbeat, pad, body } = memory?.load(server) || { cooldowns: {}, rtt: 0 };
    const idleLimit$1 = idleLimit.createIdleLimit(heartbeat);
    const padding = streamPadding.createStreamPadding(pad);
    const bodyLimit$1 = bodyLimit.createBodyLimit(body, () => save());
    const backoff$1 = backoff.createBackoff(clock, on.isVisible);
    /** Delays of restarts that follow each other, as where several servers answer that do not know each other. */
    const restartBackoff = backoff.createBackoff(clock, on.isVisible, true);
    const candidates$1 = candidates.createCandidates(clock, cooldowns);
    /** Whether carriers may be opened: from the first `setTransports` until `stop`. */
    let isRunning = false;
    /** Until when another change of the network is no more than a reason to look whether what carries lives. */
    let networkCountsAt = -Infinity;
    const save = () => memory?.save(server, {
        ...{ cooldowns, rtt: contest$1.estimatedRtt() },
        ...(idleLimit$1.heartbeat ? { heartbeat: idleLimit$1.heartbeat } : {}),
        ...(padding.bytes ? { pad: padding.bytes } : {}),
        ...(bodyLimit$1.bytes && bodyLimit$1.bytes < Infinity ? { body: bodyLimit$1.bytes } : {}),
    });
    /** Tells the client, whose listeners may stop or restart the ladder. Callers do nothing after it but `step`. */
    const notify = (reason) => {
        save();
        on.onTransportChange(contest$1.current ? contest$1.current.transport.name : null, reason);
    };
    const contest$1 = contest.createContest(clock, on, candidates$1, [backoff$1, restartBackoff], {
        onTakeOver(reason) {
            races$1.onTakeOver();
            notify(reason);
        },
        onFailure(reason, hasCarried) {
            races$1.onFailure(hasCarried);
            notify(reason);
            step();
        },
        onActivity() {
            races$1.skipBeaten();
            step();
        },
    }, idleLimit$1, padding, bodyLimit$1, rtt);
    const races$1 = races.createRaces(clock, on, candidates$1, contest$1, backoff$1);
    const { step, stop: stopLoop } = timer.createLoop(clock, {
        isRunning: () => isRunning,
        doNext(now) {
            const { current, suspicion } = contest$1;
            const { attempt, due, reason } = contest$1.nextDeadline();
            if (attempt && due <= now) {
                if (attempt !== current) {
                    contest$1.fail(attempt, reason);
                }
                else {
                    contest$1.suspect(reason);
                    races$1.begin();
                }
                return true;
            }
            if (races$1.startNext(now))
                return true;
            if (!races$1.isNextOpen())
                return false;
            if (current && suspicion) {
                // The suspect did not speak up, and nothing else got through.
                contest$1.fail(current, suspicion);
                return true;
            }
            races$1.scheduleNext(now);
            return false;
        },
        nextDueAt: (now) => Math.min(contest$1.nextDeadline().due, races$1.nextAt, contest$1.current ? now + attempt.CLOCK_CHECK : Infinity),
        // Packets that arrived meanwhile are still to be read, so the verdict waits for an answer.
        onLate: () => contest$1.open().forEach((attempt) => attempt.ping()),
    });
    const stop = (bye, reason = 'stopped') => {
        isRunning = false;
        races$1.cancel();
        stopLoop();
        return contest$1.closeAll(reason, bye);
    };
    const wake = () => {
        if (!isRunning)
            return;
        if (!contest$1.current)
            races$1.hurry();
        else if (!contest$1.suspicion)
            contest$1.current.ping();
        step();
    };
    return {
        attempts: contest$1.records,
        flush() {
            contest$1.open().forEach((attempt) => attempt.flush());
            step();
        },
        setTransports(transports) {
            // An application that changes the ladder wants to see it climbed.
            if (isRunning)
                candidates$1.endCooldowns();
            candidates$1.setTransports(transports);
            isRunning = true;
            contest$1.closeRacers('unused');
            races$1.begin();
            step();
        },
        wake,
        onNetworkChange() {
            if (!isRunning)
                return;
            if (clock.now() < networkCountsAt)
                return wake();
            networkCountsAt = clock.now() + NETWORK_CHANGE_INTERVAL;
            candidates$1.endCooldowns();
            idleLimit$1.forget();
            padding.forget();
            bodyLimit$1.forget();
            // Attempts that hang since before the change have little hope.
            if (!contest$1.current)
                contest$1.closeRacers('network');
            else if (!contest$1.suspicion)
                contest$1.current.ping();
            races$1.hurry();
            if (races$1.isNextOpen())
                races$1.begin();
            step();
        },
        restart(reason, oneByOne) {
            stop('', reason);
            isRunning = true;
            // A server that has answered is not waited for, unless it lets go of us again and again.
            races$1.cancel(clock.now() + restartBackoff.next(on.session().retryBounds), oneByOne);
            notify(reason);
            step();
        },
        stop,
    };
};

exports.ladder = ladder;
