/** A trial: one carrier, watched. When its packets came, and how it ended. */
const VIOLATION = 'securitypolicyviolation';
/** Milliseconds in which a browser tells that a policy was the reason. */
const VERDICT = 50;
/** Opens a carrier and watches it. */
function tryOut(transport, link, clock, patience, take) {
    let carrier;
    let look = () => { };
    const begun = clock.now();
    const trial = {
        transport: transport.name,
        begun,
        deadline: begun + patience,
        pause: 0,
        flush: () => carrier?.flush(),
        end: (by, reason) => end(by, reason),
        close(bye) {
            removeEventListener(VIOLATION, blocked);
            return carrier?.close(bye) === true;
        },
        until: (holds, ms) => new Promise((resolve) => {
            const done = () => {
                stop();
                look = () => { };
                resolve();
            };
            const stop = clock.after(ms, done);
            look = () => {
                if (trial.ended || holds())
                    done();
            };
            look();
        }),
    };
    const end = (by, reason, at = clock.now()) => {
        trial.ended || (trial.ended = { by, reason, at });
        look();
    };
    /** Ends it soon: what the browser says of a policy comes before the failure, or right after it. */
    const fail = (by, reason) => {
        const at = clock.now();
        clock.after(VERDICT, () => end(by, reason, at));
    };
    const packet = (down, bytes) => {
        const now = clock.now();
        trial.answered ?? (trial.answered = now);
        trial.pause = Math.max(trial.pause, now - (trial.heard ?? now));
        trial.heard = now;
        // The answer with a ticket is not the stream's yet; the answer to a poll is complete at once.
        if (down.hello && !down.ticket && !down.ready)
            trial.greeted ?? (trial.greeted = now);
        if (down.ready)
            trial.ready ?? (trial.ready = now);
        take(down, bytes);
        // The type of a lost session says less than its reason.
        if (down.end)
            end('server', down.end[down.end[0] === 'gone' ? 1 : 0]);
        else
            look();
    };
    // A policy makes some browsers throw, and others keep silent or claim that the network failed (CSP 3, 5.3).
    const blocked = (event) => {
        const { blockedURI, disposition, effectiveDirective } = event;
        if (disposition === 'enforce' && blockedURI.replace(/^ws/, 'http').indexOf(link.url) === 0)
            end('browser', effectiveDirective || 'content-security-policy');
    };
    addEventListener(VIOLATION, blocked);
    // The link knows when the first packet goes up, which is what a round trip begins with.
    const observed = Object.create(link);
    let waitsSince = begun;
    observed.attach = (fields = {}, encodeBinary) => {
        const now = clock.now();
        trial.sent ?? (trial.sent = now);
        // A poll that was cut names the time that the next one may take.
        if (fields.within)
            trial.waitCut ?? (trial.waitCut = now - waitsSince);
        waitsSince = fields.answer ? now : waitsSince;
        return link.attach(fields, encodeBinary);
    };
    try {
        carrier = transport.open(observed, {
            packet,
            progress() { },
            closed: (reason) => fail('network', reason),
        });
    }
    catch (error) {
        // The name alone: the message of a browser names the URL.
        fail('browser', error instanceof Error ? error.name : 'Error');
    }
    return trial;
}

export { tryOut };
//# sourceMappingURL=trial.mjs.map
