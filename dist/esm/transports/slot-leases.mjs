/**
 * Slots for all tabs where the browser has no Web Locks, as on plain http: leases in `localStorage`. They are no locks, so a tab
 * looks again whether a lease is still its own before it counts.
 */
import { randomKey } from '../platform/random-key.mjs';

/** Milliseconds for which a lease counts. Timers of hidden tabs ring once a minute, so a renewal may be late by that. */
const LEASE = 90000;
const RENEWAL = 20000;
/** Milliseconds after which another tab that took the same lease in the same moment has been seen. */
const SETTLING = 50;
/** Whether this page may use `localStorage`. */
function hasStorage() {
    try {
        return typeof localStorage !== 'undefined' && !!localStorage;
    }
    catch {
        // SecurityError: storage is forbidden here.
        return false;
    }
}
/** Asks for one of so many leases with these names. Returns the function that gives it back. */
function takeLease(names, { clock }, on) {
    const holder = randomKey();
    let cancel = () => { };
    let held;
    const read = (name) => {
        try {
            return (JSON.parse(localStorage.getItem(name)) || {});
        }
        catch {
            // A SyntaxError: another program wrote it.
            return {};
        }
    };
    const isTaken = ({ holder: other, until = 0 }) => {
        const left = until - clock.wallTime();
        return other !== holder && left > 0 && left <= LEASE;
    };
    /** Answers false if the storage is full. */
    const write = (name) => {
        try {
            localStorage.setItem(name, JSON.stringify({ holder, until: clock.wallTime() + LEASE }));
            held = name;
            return true;
        }
        catch {
            // QuotaExceededError: without a lease, the tab behaves as if all were taken.
            return false;
        }
    };
    const renew = (name) => {
        // A tab that was frozen for longer than its lease may have lost it.
        if (isTaken(read(name)) || !write(name))
            return refuse();
        cancel = clock.after(RENEWAL, () => renew(name));
    };
    const refuse = () => {
        held = undefined;
        on.refused();
    };
    const tryLease = ([name, ...others]) => {
        if (name === undefined) {
            // The answer comes after this call, as that of a lock does.
            cancel = clock.after(0, refuse);
            return;
        }
        if (isTaken(read(name)) || !write(name))
            return tryLease(others);
        cancel = clock.after(SETTLING, () => {
            if (read(name).holder !== holder)
                return tryLease(others);
            renew(name);
            on.granted();
        });
    };
    tryLease(names);
    return () => {
        cancel();
        if (held && read(held).holder === holder)
            localStorage.removeItem(held);
    };
}

export { hasStorage, takeLease };
//# sourceMappingURL=slot-leases.mjs.map
