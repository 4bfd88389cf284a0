import { takeSlot } from './connection-slot.mjs';
import { createExchanges } from './http-exchange.mjs';

/** Milliseconds between polls while messages flow, and after a long time without any. */
const FASTEST = 100;
const SLOWEST = 5000;
/** Factor by which the pause grows with each poll that brings nothing. */
const SLOWER = 1.5;
/** Milliseconds below which a wait without news was none. */
const SHORTEST_WAIT = 100;
/** Milliseconds after which a waiting poll that breaks off was cut by a proxy that limits its time. */
const CUT = 1000;
/** Share of the time after which a proxy cut a poll that the next one may wait. */
const WITHIN = 0.8;
/** Milliseconds until a long poll without a connection slot asks for one again. */
const SLOT_RETRY = 10000;
/**
 * Polls: exchanges that carry messages both ways. A short poll pauses between two of them, longer and longer while
 * nothing flows. A long poll that has a connection slot does not pause: one exchange waits for messages down, and at most
 * one more carries messages up. Without a slot it works like a short poll.
 */
const poll = (name) => ({
    name,
    instant: true,
    supported: () => typeof XMLHttpRequest !== 'undefined',
    open(link, on) {
        const exchanges = createExchanges(link, on);
        const { disposers, fail } = exchanges;
        let hasSlot = false;
        let proven = false;
        /** Milliseconds within which a waiting poll is to be answered; empty where no proxy limits them. */
        let within = '';
        let pause = FASTEST;
        /** How far the server had accepted the log up, by any answer. */
        let accepted = 0;
        /** The last message that an answer brought, and how far its part began. A cache on the way may bring the same again. */
        let brought = 0;
        let broughtOffset = 0;
        /** Cancels the pause; `undefined` while an exchange is in flight. */
        let cancelPause;
        const isNewBatch = (batch) => {
            if (!batch)
                return false;
            const [first, entries] = batch;
            const last = first + entries.length - 1;
            const offset = entries[entries.length - 1][3] || 0;
            const isNew = last > brought || (last === brought && offset > broughtOffset);
            if (isNew) {
                brought = last;
                broughtOffset = offset;
            }
            return isNew;
        };
        const next = () => {
            cancelPause = undefined;
            // The first answer is the proof of the carrier, so it must not wait.
            const waits = hasSlot && proven;
            const startedAt = link.clock.now();
            if (link.hasPending())
                pause = FASTEST;
            exchanges.post({
                fields: { answer: waits ? '"wait"' : '"now"', within },
                withMessages: !waits,
                onAnswer({ batch, volatile, ack }) {
                    proven = true;
                    const isNew = isNewBatch(batch);
                    const isNews = isNew || !!volatile || ack[1] > accepted;
                    accepted = Math.max(accepted, ack[1]);
                    // A wait that was answered early without news would be repeated as fast as the line allows.
                    const wasHeld = isNews || link.clock.now() - startedAt >= SHORTEST_WAIT;
                    if (hasSlot && (!waits || wasHeld))
                        return next();
                    pause = isNews ? FASTEST : Math.min(SLOWEST, pause * SLOWER);
                    // An answer has room for one batch, and the server says how many bytes wait behind it.
                    const goesOn = link.hasPending() || (isNew && !!ack[4]);
                    cancelPause = link.clock.after(goesOn ? 0 : pause, next);
                    disposers.pause = cancelPause;
                },
                onFailure(reason) {
                    const lasted = link.clock.now() - startedAt;
                    if (!waits || lasted < CUT)
                        return fail(reason);
                    within = String(Math.floor(lasted * WITHIN));
                    next();
                },
            });
            exchanges.flush();
        };
        /** Ends the pause, if there is one. */
        const hurry = () => {
            if (!cancelPause)
                return;
            cancelPause();
            next();
        };
        const askForSlot = () => {
            disposers.slot = takeSlot(link, {
                granted() {
                    hasSlot = true;
                    hurry();
                },
                refused() {
                    hasSlot = false;
                    disposers.slot = link.clock.after(SLOT_RETRY, askForSlot);
                },
            });
        };
        if (name === 'long-poll')
            askForSlot();
        next();
        return {
            ...exchanges,
            flush() {
                if (link.hasPending())
                    hurry();
                exchanges.flush();
            },
        };
    },
});

export { poll };
//# sourceMappingURL=poll.mjs.map
