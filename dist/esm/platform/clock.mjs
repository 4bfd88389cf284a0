/** High Resolution Time, 7; PhantomJS 1.9 has no such method. */
const isMonotonic = typeof performance !== 'undefined' && !!performance.now;
const systemClock = {
    now: isMonotonic ? () => Math.floor(performance.now()) : Date.now,
    wallTime: Date.now,
    after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
    },
    random: Math.random,
};

export { systemClock };
//# sourceMappingURL=clock.mjs.map
