/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */
/** Milliseconds that a rung has to prove itself, beside what its bytes and round trips take. */
const DEADLINE = 5000;
/** Milliseconds by which the second part of hello may come after the first. */
const PART = 1000;
/** Milliseconds by which a heartbeat may be late. */
const SLACK = 1500;
/** Milliseconds, beside the round trip, for a sign of life from what was asked for one, or has come while the machine slept. */
const ANSWER = 200;
/** Milliseconds below which a life was too short for the delays to begin anew. */
const SHORT = 5000;
/** Milliseconds between two looks at the clock, which may have jumped. */
const LOOK = 5000;
/** Attempts that are kept. */
const TRACE = 50;
/** What makes rungs, and keeps their trace. */
function createRungs(clock, on, proved, failed, heard, 
/** Milliseconds of a round trip before one was measured; 0: not known. */
rtt = 0) {
    const attempts = [];
    const trip = () => on.sessionNow().roundTrip || rtt;
    const make = (transport, waited) => {
        const attempt = {
            transport: transport.name,
            began: clock.now(),
        };
        let link;
        let carrier;
        let proven = 0;
        let asked = false;
        /** By when it must have proven itself; once it has, by when a sign of life is expected. */
        let expected = Infinity;
        const lasted = () => clock.now() - attempt.began;
        const fail = (reason) => {
            if (!attempt.reason)
                failed(rung, '' + reason);
        };
        const rung = {
            transport,
            open() {
                if (attempts.push(attempt) > TRACE)
                    attempts.shift();
                on.link((given) => {
                    if (attempt.reason)
                        return;
                    link = given;
                    expected = clock.now() + DEADLINE + waited + 8 * trip() + on.sessionNow().work();
                    try {
                        carrier = transport.open(link, { packet, closed: fail });
                    }
                    catch (error) {
                        // A browser may refuse to make the object at all: a security policy, mixed content.
                        fail(error);
                    }
                    heard(rung);
                }, fail);
            },
            life: () => proven && clock.now() - proven,
            doubt: () => (proven ? on.sessionNow().doubt(expected, proven) : [expected, 'deadline']),
            ask() {
                if (asked)
                    return;
                asked = true;
                expected = Math.max(proven ? 0 : expected, clock.now() + ANSWER + trip());
                on.sessionNow().probe();
            },
            flush: () => carrier?.flush(),
            close(reason, bye) {
                attempt.ended = lasted();
                attempt.reason = reason;
                link?.release();
                carrier?.close(bye);
            },
        };
        const packet = (down, bytes, aside) => {
            on.packet(down, bytes);
            if (down.end)
                return fail(down.end[0]);
            const first = down.ready && !proven && !attempt.reason;
            if (first) {
                proven = clock.now();
                attempt.opened = lasted();
            }
            if (!aside) {
                asked = false;
                expected = proven
                    ? clock.now() + on.sessionNow().terms.heartbeat + Math.max(SLACK, 2 * trip())
                    : // The first part of hello: what the server wrote right behind it is held back, if it does not follow.
                        Math.min(expected, clock.now() + Math.max(PART, 4 * trip()));
            }
            if (first)
                proved(rung);
            heard(rung);
        };
        return rung;
    };
    return { attempts, trip, make };
}

export { LOOK, SHORT, createRungs };
//# sourceMappingURL=rung.mjs.map
