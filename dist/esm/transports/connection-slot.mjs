/**
 * Over HTTP/1.1 a browser opens six connections to a server, for all tabs together. Six streams would take them all, and
 * no request of any tab would pass. So the carriers that hold a connection share four slots.
 */
import { hasStorage, takeLease } from './slot-leases.mjs';

const SLOTS = 4;
/** Milliseconds after which a stream goes to the end of the queue for connections, where the browser has no locks. */
const TURN = 25000;
/**
 * Asks for a slot, by Web Locks. Without them (insecure contexts, old engines) by leases in `localStorage`; without that a slot
 * is granted at once, and again whenever the others have had a turn. Returns the function that gives the slot back.
 */
function takeSlot({ url, clock }, on) {
    const { locks } = navigator;
    let giveBack;
    let released = false;
    const tryLock = (manager, slot) => {
        if (slot === SLOTS)
            return on.refused();
        manager
            .request(`rungs:${url}:${slot}`, { ifAvailable: true }, (lock) => {
            if (released)
                return undefined;
            if (!lock)
                return tryLock(manager, slot + 1);
            on.granted();
            return new Promise((resolve) => (giveBack = resolve));
        })
            .catch(() => {
            // Locks are forbidden here (SecurityError in an opaque origin).
            if (!released)
                takeTurn();
        });
    };
    const takeTurn = () => {
        on.granted();
        giveBack = clock.after(TURN, takeTurn);
    };
    if (locks)
        tryLock(locks, 0);
    else if (hasStorage())
        giveBack = takeLease([0, 1, 2, 3].map((slot) => `rungs:${url}:${slot}`), { clock }, on);
    else
        takeTurn();
    return () => {
        released = true;
        giveBack?.();
    };
}

export { takeSlot };
//# sourceMappingURL=connection-slot.mjs.map
