'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

const systemClock = {
    now: Date.now,
    after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
    },
    random: Math.random,
};

exports.systemClock = systemClock;
