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
            for (const t in owners)
                if (owners[t] === owner)
                    delete owners[t];
        },
    };
}

export { createFence };
//# sourceMappingURL=fence.mjs.map
