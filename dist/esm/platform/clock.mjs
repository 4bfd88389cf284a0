const systemClock = {
    now: Date.now,
    after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
    },
    random: Math.random,
};

export { systemClock };
//# sourceMappingURL=clock.mjs.map
