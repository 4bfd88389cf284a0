/**
 * Over HTTP/1.1 a browser opens six connections to a server, for all tabs together: a stream in each of six tabs, and
 * nothing else passes in any of them. So those that hold a connection share four slots.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

const SLOTS = 4;
/** Milliseconds after which a stream gives up its place in the queue for connections, where the browser has no locks. */
const TURN = 25000;
/**
 * Asks for a slot. Where there are no locks (an insecure context, an old engine), it is `granted` at once, and again
 * whenever the others have had a turn. Returns what gives it back.
 */
function takeSlot(link, granted, refused) {
    const { locks } = navigator;
    let given;
    let over = false;
    const ask = (slot) => {
        if (slot === SLOTS)
            refused?.();
        else
            locks
                .request(`rungs:${link.url}:${slot}`, { ifAvailable: true }, (lock) => {
                if (over)
                    return undefined;
                if (!lock)
                    return ask(slot + 1);
                granted();
                return new Promise((resolve) => (given = resolve));
            })
                // Locks are forbidden here (SecurityError in an opaque origin).
                .catch(() => over || turn());
    };
    const turn = () => {
        granted();
        given = link.after(TURN, turn);
    };
    if (locks)
        ask(0);
    else
        turn();
    return () => {
        over = true;
        given?.();
    };
}

exports.takeSlot = takeSlot;
