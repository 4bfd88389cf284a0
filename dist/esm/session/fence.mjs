function createFence() {
    let last = 0;
    const owners = {};
    return {
        next(owner) {
            owners[++last] = owner;
            return last;
        },
        // Integer keys are enumerated in ascending order (ECMA-262, 10.1.11).
        lowestWanted: () => Number(Object.keys(owners)[0]),
        release(t) {
            delete owners[t];
        },
        releaseAll(owner) {
            Object.keys(owners).forEach((t) => {
                if (owners[Number(t)] === owner)
                    delete owners[Number(t)];
            });
        },
    };
}

export { createFence };
//# sourceMappingURL=fence.mjs.map
