/** What became of the messages that an application has sent. */
/** The messages that the server has not accepted, as the application has sent them. */
function leftoversOf({ messages, unsentCount }) {
    const undelivered = messages.map(({ body, peer }) => {
        const data = (typeof body === 'string' ? JSON.parse(body) : body);
        return peer ? { data, to: peer } : { data };
    });
    const inDoubtCount = messages.length - unsentCount;
    return { inDoubt: undelivered.slice(0, inDoubtCount), unsent: undelivered.slice(inDoubtCount) };
}
function createDrain() {
    let waiters = [];
    return {
        wait: (sequence) => new Promise((resolve, reject) => {
            waiters.push({ sequence, resolve, reject });
        }),
        onAccepted(upTo) {
            if (!waiters.length)
                return;
            const accepted = waiters.filter(({ sequence }) => sequence <= upTo);
            waiters = waiters.filter(({ sequence }) => sequence > upTo);
            accepted.forEach(({ resolve }) => resolve());
        },
        fail(error) {
            const failed = waiters;
            waiters = [];
            failed.forEach(({ reject }) => reject(error));
        },
    };
}

export { createDrain, leftoversOf };
//# sourceMappingURL=delivery.mjs.map
