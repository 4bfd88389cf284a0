/** One transport, and no ladder: what has ended or is suspect is opened again, after a delay that grows. */
import { createAlarm } from './alarm.mjs';
import { backoff } from './backoff.mjs';
import { SHORT, createRungs, LOOK } from './rung.mjs';

const reconnect = (clock, on) => {
    let live = false;
    let transport;
    let rung;
    let failures = 0;
    let waited = 0;
    const [setAlarm, clearAlarm] = createAlarm(clock, (late) => {
        if (late)
            rung?.ask();
        look();
    });
    const stop = (bye, reason = 'stopped') => {
        live = false;
        clearAlarm();
        if (rung && rung.life() > SHORT)
            failures = waited = 0;
        rung?.close(reason, bye);
        rung = undefined;
    };
    /** Lets go, and begins again unless a listener has done something else. */
    const again = (reason) => {
        stop('', reason);
        live = true;
        waited = backoff(failures++, clock);
        setAlarm(clock.now() + waited);
        on.moved(null, reason);
    };
    const { attempts, make } = createRungs(clock, on, ({ transport: { name } }) => on.moved(name, 'opened'), (_, reason) => again(reason), () => rung && look());
    /** Judges what carries, now and as soon as there may be something to say; opens it where it has waited for that. */
    const look = () => {
        if (!rung) {
            rung = make(transport, waited);
            return rung.open();
        }
        const [at, reason] = rung.doubt();
        if (at <= clock.now())
            again(reason);
        else
            setAlarm(Math.min(at, clock.now() + LOOK));
    };
    return {
        attempts,
        flush() {
            rung?.flush();
            if (rung)
                look();
        },
        use(wanted) {
            // There is one only, which carries, or else is tried at once.
            live = true;
            transport || (transport = wanted[0]);
            look();
        },
        wake() {
            rung?.ask();
            if (live)
                look();
        },
        restart: again,
        stop,
    };
};

export { reconnect };
//# sourceMappingURL=reconnect.mjs.map
