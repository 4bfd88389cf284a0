/** One transport, and no ladder: what has ended or is suspect is opened again, after a delay that grows. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var alarm = require('./alarm.cjs');
var backoff = require('./backoff.cjs');
var rung = require('./rung.cjs');

const reconnect = (clock, on) => {
    let live = false;
    let transport;
    let rung$1;
    let failures = 0;
    let waited = 0;
    const [setAlarm, clearAlarm] = alarm.createAlarm(clock, (late) => {
        if (late)
            rung$1?.ask();
        look();
    });
    const stop = (bye, reason = 'stopped') => {
        live = false;
        clearAlarm();
        if (rung$1 && rung$1.life() > rung.SHORT)
            failures = waited = 0;
        rung$1?.close(reason, bye);
        rung$1 = undefined;
    };
    /** Lets go, and begins again unless a listener has done something else. */
    const again = (reason) => {
        stop('', reason);
        live = true;
        waited = backoff.backoff(failures++, clock);
        setAlarm(clock.now() + waited);
        on.moved(null, reason);
    };
    const { attempts, make } = rung.createRungs(clock, on, ({ transport: { name } }) => on.moved(name, 'opened'), (_, reason) => again(reason), () => rung$1 && look());
    /** Judges what carries, now and as soon as there may be something to say; opens it where it has waited for that. */
    const look = () => {
        if (!rung$1) {
            rung$1 = make(transport, waited);
            return rung$1.open();
        }
        const [at, reason] = rung$1.doubt();
        if (at <= clock.now())
            again(reason);
        else
            setAlarm(Math.min(at, clock.now() + rung.LOOK));
    };
    return {
        attempts,
        flush() {
            rung$1?.flush();
            if (rung$1)
                look();
        },
        use(wanted) {
            // There is one only, which carries, or else is tried at once.
            live = true;
            transport || (transport = wanted[0]);
            look();
        },
        wake() {
            rung$1?.ask();
            if (live)
                look();
        },
        restart: again,
        stop,
    };
};

exports.reconnect = reconnect;
