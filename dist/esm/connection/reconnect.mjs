/** One transport and no ladder: an attempt that has ended or is suspect is replaced, after a delay that grows. */
import { SHORT_UPTIME, createAttempts, CLOCK_CHECK } from './attempt.mjs';
import { createBackoff } from './backoff.mjs';
import { createTimer } from './timer.mjs';
import { createBodyLimit } from '../session/body-limit.mjs';

const reconnect = (clock, on) => {
    const backoff = createBackoff(clock, on.isVisible);
    /** Delays of restarts that follow each other: a server that has answered is not waited for, at first. */
    const restartBackoff = createBackoff(clock, on.isVisible, true);
    const timer = createTimer(clock, (isLate) => {
        if (isLate)
            current?.ping();
        openOrJudge();
    });
    const bodyLimit = createBodyLimit();
    let isRunning = false;
    let transport;
    /** The attempt that carries or may come to; `undefined` while the delay runs. */
    let current;
    const stop = (bye, reason = 'stopped') => {
        isRunning = false;
        timer.clear();
        if (current && current.uptime() > SHORT_UPTIME) {
            backoff.reset();
            restartBackoff.reset();
        }
        const isProven = !!current && current.uptime() > 0;
        const saidGoodbye = current?.close(reason, bye);
        current = undefined;
        return isProven && saidGoodbye === true;
    };
    const openAfter = (delays, reason) => {
        stop('', reason);
        isRunning = true;
        timer.ringBy(clock.now() + delays.next(on.session().retryBounds));
        on.onTransportChange(null, reason);
    };
    const { records, create } = createAttempts(clock, on, {
        isBeside: () => false,
        onProven: (attempt) => on.onTransportChange(attempt.transport.name, 'opened'),
        onFailed: (_, reason) => openAfter(backoff, reason),
        onActivity: () => current && openOrJudge(),
    }, 0, () => ({ bodyLimit }));
    /** Opens an attempt if there is none; else replaces a suspect one, or sets the timer for when it may be. */
    const openOrJudge = () => {
        if (!current) {
            current = create(transport, backoff.lastDelay);
            current.open();
            return;
        }
        const { due, reason } = current.deadline();
        if (due <= clock.now())
            openAfter(backoff, reason);
        else
            timer.ringBy(Math.min(due, clock.now() + CLOCK_CHECK));
    };
    const wake = () => {
        if (!isRunning)
            return;
        current?.ping();
        openOrJudge();
    };
    return {
        attempts: records,
        flush() {
            current?.flush();
            if (current)
                openOrJudge();
        },
        setTransports([wanted]) {
            const isChanged = wanted !== transport;
            transport = wanted;
            if (isRunning && isChanged && current)
                openAfter(restartBackoff, 'unused');
            isRunning = true;
            openOrJudge();
        },
        wake,
        onNetworkChange() {
            bodyLimit.forget();
            wake();
        },
        restart: (reason) => openAfter(restartBackoff, reason),
        stop,
    };
};

export { reconnect };
//# sourceMappingURL=reconnect.mjs.map
