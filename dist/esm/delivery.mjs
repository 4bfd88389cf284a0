/** Messages that were sent: those that are not delivered, and promises that wait until they are. */
/** A message as the application has sent it. */
function asSent({ body, peer }) {
    const data = (typeof body === 'string' ? JSON.parse(body) : body);
    return peer ? { data, to: peer } : { data };
}
/** The messages that the server has not accepted, as the application has sent them. */
function leftoversOf({ messages, unsentCount }) {
    const undelivered = messages.map((asSent));
    const inDoubtCount = messages.length - unsentCount;
    return { inDoubt: undelivered.slice(0, inDoubtCount), unsent: undelivered.slice(inDoubtCount) };
}
function createDrain() {
    let waiters = [];
    return {
        wait: (sequence) => new Promise((resolve, reject) => {
            waiters.push({ sequence, resolve, reject });
        }),
        update(acceptedUpTo, error) {
            waiters = waiters.filter(({ sequence, resolve, reject }) => {
                const isAccepted = sequence <= acceptedUpTo;
                if (isAccepted)
                    resolve();
                else if (error)
                    reject(error);
                return !isAccepted && !error;
            });
        },
        reject(first, error) {
            const rejected = waiters.filter(({ sequence }) => sequence >= first);
            waiters = waiters.filter(({ sequence }) => sequence < first);
            rejected.forEach((waiter) => waiter.reject(error));
        },
    };
}

export { asSent, createDrain, leftoversOf };
//# sourceMappingURL=delivery.mjs.map
