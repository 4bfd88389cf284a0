/**
 * Which of several transports carries now, and why. One carrier at most is the current one; beside it there are racers that
 * have to prove themselves. Whatever happens is answered by a race; ARCHITECTURE.md has the table.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var alarm = require('./alarm.cjs');
var backoff = require('./backoff.cjs');
var rung = require('./rung.cjs');
var scores = require('./scores.cjs');

/** Milliseconds by which the next rung begins later, at least. */
const PATIENCE = 250;
/** Milliseconds until a better rung that has no cool-down is tried again. */
const CLIMB = 30000;
const ladder = (clock, on, server, memory) => {
    const { scores: scores$1, rtt } = memory?.load(server) || { scores: {}, rtt: 0 };
    let live = false;
    let rungs = [];
    /** What carries, and what races beside it. */
    let open = [];
    let current;
    /** Why it is suspect; empty if it is not. */
    let suspect = '';
    /** Rungs of this race that did not start yet. */
    let queue = [];
    /** When the next of them starts; where nobody races, when the next race does. */
    let goAt = Infinity;
    let failures = 0;
    let waited = 0;
    /** What failed in this race. It counts as soon as something else passes. */
    let lost = [];
    const [setAlarm, clearAlarm] = alarm.createAlarm(clock, (late) => {
        // What has come meanwhile is still to be read.
        if (late)
            open.forEach((rung) => rung.ask());
        step();
    });
    const coolUntil = ({ name }) => scores$1[name]?.[1] || 0;
    /** Those that have a cool-down come behind those that do not; what is not wanted any more comes last. */
    const rank = (transport) => (rungs.indexOf(transport) + 1 || Infinity) +
        (coolUntil(transport) > clock.now() ? rungs.length : 0);
    /** Whether a transport would take over from what carries. */
    const better = (transport) => !current || !!suspect || rank(transport) < rank(current.transport);
    const blame = (rung) => scores.strike(scores$1, rung.transport.name, clock.now(), rung.life());
    const forget = () => {
        for (const name in scores$1)
            delete scores$1[name];
    };
    /** The next of the queue starts then. */
    const go = (at) => {
        goAt = queue.length ? at : Infinity;
    };
    /** Tells what has changed; false if a listener let go of everything, or began anew. */
    const tell = (reason) => {
        const before = queue;
        memory?.save(server, { scores: scores$1, rtt: trip() });
        on.moved(current ? current.transport.name : null, reason);
        return queue === before;
    };
    const drop = (rung$1, reason, bye) => {
        if (rung$1 === current) {
            current = undefined;
            suspect = '';
            if (rung$1.life() > rung.SHORT)
                failures = waited = 0;
        }
        open = open.filter((other) => other !== rung$1);
        rung$1.close(reason, bye);
    };
    /** Lets go of what races: of all, or of what cannot take over any more. */
    const clear = (reason, all) => open.forEach((rung) => rung === current || (!all && better(rung.transport)) || drop(rung, reason));
    const prune = () => {
        queue = queue.filter(better);
        go(goAt);
        clear('beaten');
    };
    const fail = (rung, reason) => {
        // Without anything that passes, it may be the network that is down; other tabs are no fault of the network.
        if (reason !== 'no-slot') {
            if (rung === current || (current && !suspect))
                blame(rung);
            else
                lost.push(rung);
        }
        drop(rung, reason);
        // The next one starts at once.
        go(0);
        if (tell(reason))
            step();
    };
    const { attempts, trip, make } = rung.createRungs(clock, on, (rung) => {
        const reason = current ? suspect || 'preferred' : 'opened';
        lost.splice(0).forEach(blame);
        if (current) {
            if (suspect)
                blame(current);
            drop(current, reason);
        }
        current = rung;
        prune();
        tell(reason);
    }, fail, (rung) => {
        if (suspect && rung === current && rung.doubt()[0] > clock.now()) {
            suspect = '';
            prune();
        }
        step();
    }, rtt);
    const start = (transport) => {
        const rung = make(transport, waited);
        open = open.concat(rung);
        rung.open();
    };
    const race = () => {
        lost = [];
        queue = rungs
            .filter((transport) => better(transport) &&
            !open.some((rung) => rung !== current && rung.transport === transport))
            .sort((a, b) => rank(a) - rank(b));
        // Serve first, negotiate meanwhile: what needs one round trip makes the session usable beside the first rung.
        const opener = queue.filter(({ instant }) => instant).pop();
        queue = queue.filter((transport) => transport !== opener);
        go(0);
        if (opener)
            start(opener);
    };
    /** Does what is due, and sets the one timer for what will be. */
    const step = () => {
        const now = clock.now();
        if (!live)
            return;
        let at = current ? now + rung.LOOK : Infinity;
        for (const rung of open) {
            const [when, reason] = rung.doubt();
            if (when > now)
                at = Math.min(at, when);
            else if (rung !== current)
                return fail(rung, reason);
            else if (!suspect) {
                suspect = reason;
                race();
            }
        }
        while (goAt <= now) {
            const transport = queue.shift();
            go(now + Math.max(PATIENCE, 3 * trip()));
            if (transport)
                start(transport);
            else if (!current || !open[1])
                race();
        }
        // Nobody races any more; or nothing carries, and not all that might are tried.
        if (goAt === Infinity && (current ? !open[1] : open.length < rungs.length)) {
            // What is still suspect then has ended.
            if (suspect)
                return fail(current, suspect);
            if (!current)
                goAt = now + (waited = backoff.backoff(failures++, clock));
            // Climbs as soon as the first of the better rungs may be tried again.
            else
                for (const above of rungs) {
                    if (above === current.transport)
                        break;
                    goAt = Math.min(goAt, Math.max(coolUntil(above), now + CLIMB));
                }
        }
        setAlarm(Math.min(at, goAt));
    };
    const stop = (bye, reason = 'stopped') => {
        const last = current || open[0];
        live = false;
        goAt = Infinity;
        queue = [];
        clearAlarm();
        open.forEach((rung) => drop(rung, reason, rung === last ? bye : ''));
    };
    return {
        attempts,
        flush() {
            open.forEach((rung) => rung.flush());
            step();
        },
        use(wanted) {
            // Who changes the ladder wants to see it climbed.
            if (live)
                forget();
            rungs = wanted;
            live = true;
            clear('unused', true);
            race();
            step();
        },
        wake(changed) {
            if (!live)
                return;
            if (changed) {
                forget();
                // What hangs since before has little hope.
                if (!current)
                    clear('network', true);
            }
            if (!suspect)
                current?.ask();
            if (changed || (!current && goAt < Infinity))
                goAt = 0;
            step();
        },
        restart(reason) {
            stop('', reason);
            if (!tell(reason))
                return;
            live = true;
            step();
        },
        stop,
    };
};

exports.ladder = ladder;
