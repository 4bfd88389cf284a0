/** Keeps in `localStorage` how transports fared on this network, so that the next page need not find out again. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var json = require('../platform/json.cjs');
var bodyLimit = require('../session/body-limit.cjs');
var candidates = require('./candidates.cjs');
var streamPadding = require('./stream-padding.cjs');

/** Milliseconds after which a record is forgotten: a user who comes back later is likely to be elsewhere. */
const LONGEST_AGE = 86400000;
/** Milliseconds of the longest round trip that is believed. */
const LONGEST_RTT = 60000;
/** Milliseconds of the shortest heartbeat that the server takes (PROTOCOL.md 4.2). */
const SHORTEST_HEARTBEAT = 1000;
/** Failures in a row that are believed; more make no cool-down longer. */
const MOST_FAILURES = 1000;
const isBetween = (value, least, most) => typeof value === 'number' && value >= least && value <= most;
/** The cool-downs of a stored record, without those that cannot be true: storage may hold anything. */
function checkCooldowns(stored, now) {
    const checked = {};
    const names = Object.keys(stored);
    names.forEach((name) => {
        const { failures, until } = (stored[name] || {});
        if (isBetween(failures, 1, MOST_FAILURES) && isBetween(until, 0, now + candidates.LONGEST_COOLDOWN)) {
            checked[name] = { failures, until };
        }
    });
    return checked;
}
/** The round trip in which the page came, as the browser measured it; 0 if that is not known. */
function pageRtt() {
    try {
        const [entry] = performance.getEntriesByType('navigation');
        const rtt = entry.responseStart - entry.requestStart;
        return isBetween(rtt, 0, LONGEST_RTT) ? rtt : 0;
    }
    catch {
        // Engines without Navigation Timing 2 throw a TypeError: Safari before 15, PhantomJS.
        return 0;
    }
}
/** Remembers in `localStorage`, for a day, which transports failed on the way to a server. */
function remember(now = Date.now) {
    return {
        load(server) {
            try {
                const { cooldowns, rtt, heartbeat, pad, body, savedAt } = JSON.parse(localStorage.getItem(`rungs@${server}`));
                const isFresh = isBetween(now() - savedAt, 0, LONGEST_AGE - 1);
                if (isFresh && isBetween(rtt, 0, LONGEST_RTT)) {
                    return {
                        ...{ cooldowns: checkCooldowns(cooldowns, now()), rtt },
                        ...(isBetween(heartbeat, SHORTEST_HEARTBEAT, LONGEST_AGE) ? { heartbeat } : {}),
                        ...(isBetween(pad, 1, streamPadding.MOST_PADDING) ? { pad } : {}),
                        ...(isBetween(body, bodyLimit.SMALLEST_BODY, Infinity) ? { body } : {}),
                    };
                }
            }
            catch {
                // Storage is forbidden (SecurityError), empty (TypeError), or another program wrote the entry (SyntaxError).
            }
            return { cooldowns: {}, rtt: pageRtt() };
        },
        save(server, record) {
            try {
                localStorage.setItem(`rungs@${server}`, json.toJSON({ ...record, savedAt: now() }));
            }
            catch {
                // Storage is forbidden (SecurityError) or full (QuotaExceededError): the next page finds out again.
            }
        },
    };
}

exports.remember = remember;
