/** One transport and no ladder: an attempt that has ended or is suspect is replaced, after a delay that grows. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var attempt = require('./attempt.cjs');
var backoff = require('./backoff.cjs');
var timer = require('./timer.cjs');
var bodyLimit = require('../session/body-limit.cjs');

const reconnect = (clock, on) => {
    const backoff$1 = backoff.createBackoff(clock, on.isVisible);
    /** Delays of restarts that follow each other: a server that has answered is not waited for, at first. */
    const restartBackoff = backoff.createBackoff(clock, on.isVisible, true);
    const timer$1 = timer.createTimer(clock, (isLate) => {
        if (isLate)
            current?.ping();
        openOrJudge();
    });
    const bodyLimit$1 = bodyLimit.createBodyLimit();
    let isRunning = false;
    let transport;
    /** The attempt that carries or may come to; `undefined` while the delay runs. */
    let current;
    const stop = (bye, reason = 'stopped') => {
        isRunning = false;
        timer$1.clear();
        if (current && current.uptime() > attempt.SHORT_UPTIME) {
            backoff$1.reset();
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
        timer$1.ringBy(clock.now() + delays.next(on.session().retryBounds));
        on.onTransportChange(null, reason);
    };
    const { records, create } = attempt.createAttempts(clock, on, {
        isBeside: () => false,
        onProven: (attempt) => on.onTransportChange(attempt.transport.name, 'opened'),
        onFailed: (_, reason) => openAfter(backoff$1, reason),
        onActivity: () => current && openOrJudge(),
    }, 0, () => ({ bodyLimit: bodyLimit$1 }));
    /** Opens an attempt if there is none; else replaces a suspect one, or sets the timer for when it may be. */
    const openOrJudge = () => {
        if (!current) {
            current = create(transport, backoff$1.lastDelay);
            current.open();
            return;
        }
        const { due, reason } = current.deadline();
        if (due <= clock.now())
            openAfter(backoff$1, reason);
        else
            timer$1.ringBy(Math.min(due, clock.now() + attempt.CLOCK_CHECK));
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
            bodyLimit$1.forget();
            wake();
        },
        restart: (reason) => openAfter(restartBackoff, reason),
        stop,
    };
};

exports.reconnect = reconnect;
