/**
 * The order in which transports are tried. A transport that fails, or lives for a short time again and again, cools down:
 * meanwhile it is tried last.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Milliseconds after which an uptime was long enough to make up for the failures before. */
const LONG_UPTIME = 60000;
/** Milliseconds of the first cool-down, and of the longest. */
const FIRST_COOLDOWN = 20000;
const LONGEST_COOLDOWN = 600000;
/** Milliseconds until a better transport that does not cool down is tried again. */
const CLIMB_INTERVAL = 30000;
/** Share of the time until then that chance adds, so that clients which fell in step do not climb in step. */
const CLIMB_JITTER = 1 / 4;
/** Notes a failure after so many milliseconds of uptime; 0 if the transport never proved itself. `now`: wall time. */
function recordFailure(cooldowns, name, now, uptime) {
    const before = (uptime < LONG_UPTIME && cooldowns[name]?.failures) || 0;
    // One short life may be an accident, a second one in a row is not.
    const isAccident = uptime > 0 && before === 0;
    const cooldown = Math.min(LONGEST_COOLDOWN, FIRST_COOLDOWN * Math.pow(2, before));
    cooldowns[name] = { failures: before + 1, until: isAccident ? now : now + cooldown };
}
/** `cooldowns` is changed in place. */
function createCandidates(clock, cooldowns) {
    let transports = [];
    /** Milliseconds for which a transport still cools down; 0 if it does not. */
    const cooldownLeft = ({ name }) => {
        const left = (cooldowns[name]?.until || 0) - clock.wallTime();
        // A time further away than any cool-down was noted before somebody set the clock back.
        return left > 0 && left <= LONGEST_COOLDOWN ? left : 0;
    };
    /** As in the ladder, behind the others during a cool-down, and last for a transport that is not in the ladder any more. */
    const rankOf = (transport) => {
        const place = transports.indexOf(transport);
        if (place < 0)
            return Infinity;
        return cooldownLeft(transport) ? place + transports.length : place;
    };
    return {
        get transports() {
            return transports;
        },
        setTransports(wanted) {
            transports = wanted;
        },
        isBetter: (transport, other) => rankOf(transport) < rankOf(other),
        inOrder: () => transports.slice().sort((a, b) => rankOf(a) - rankOf(b)),
        coolsDown: (transport) => cooldownLeft(transport) > 0,
        nextClimbAt(current) {
            const place = transports.indexOf(current);
            const above = place < 0 ? transports : transports.slice(0, place);
            const delay = Math.min(...above.map((each) => Math.max(cooldownLeft(each), CLIMB_INTERVAL)));
            return clock.now() + delay * (1 + CLIMB_JITTER * clock.random());
        },
        recordFailure: ({ name }, uptime) => recordFailure(cooldowns, name, clock.wallTime(), uptime),
        endCooldowns() {
            Object.keys(cooldowns).forEach((name) => delete cooldowns[name]);
        },
    };
}

exports.LONGEST_COOLDOWN = LONGEST_COOLDOWN;
exports.createCandidates = createCandidates;
exports.recordFailure = recordFailure;
