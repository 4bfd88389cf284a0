/** Finds out what a network does to each transport: for support pages, never a part of the main bundle. */
import { RungsError } from './error.mjs';
import { createEvent } from './event.mjs';
import { namedTransports } from './options.mjs';
import { systemClock } from './platform/clock.mjs';
import { isBrowser } from './platform/engine.mjs';
import { resolveUrl } from './platform/url.mjs';
import { ALL_TRANSPORTS } from './transports/all.mjs';
import { probe } from './diagnose/probe.mjs';
import { findPolicies } from './diagnose/second-look.mjs';
import { withVerdict, reportOf } from './diagnose/report.mjs';

/** The longest time that a timer takes (HTML standard, 8.6: a signed 32-bit number). */
const LONGEST = 2147483647;
/**
 * Tries every transport on its own, one after the other, each in a session of its own, and tells what the network does
 * to it. A bad network is a result, never an error.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @param clock Time and chance, for tests.
 * @returns Rejects with a RungsError `invalid-url`, `invalid-option` or `unsupported` (outside of a web page), and for
 * no other reason.
 */
async function diagnose(url = '/rungs', options = {}, clock = systemClock) {
    const { auth, credentials = false, deadline = 5000, silence = 0, signal, onProgress } = options;
    if (!isBrowser()) {
        throw new RungsError('unsupported', 'There is no web page here, or no crypto.getRandomValues; call diagnose in a browser');
    }
    const target = resolveUrl(url);
    const transports = namedTransports(options.transports ?? ALL_TRANSPORTS, ALL_TRANSPORTS);
    if (!transports.length) {
        throw new RungsError('invalid-option', 'transports is empty; pass at least one');
    }
    if (!(deadline > 0 && deadline <= LONGEST)) {
        throw new RungsError('invalid-option', `deadline is ${deadline}; pass milliseconds above 0`);
    }
    if (!(silence >= 0 && silence <= LONGEST)) {
        throw new RungsError('invalid-option', `silence is ${silence}; pass milliseconds from 0 on`);
    }
    const progress = createEvent();
    if (onProgress)
        progress.on(onProgress);
    const settings = {
        url: target,
        auth,
        credentials,
        deadline,
        silence,
        signal,
    };
    const results = [];
    const time = new Date(clock.wallTime()).toISOString();
    for (const transport of transports) {
        const step = { transport: transport.name, turn: results.length + 1, of: transports.length };
        progress.emit(step);
        const result = withVerdict(await probe(transport, settings, clock));
        results.push(result);
        progress.emit({ ...step, result });
    }
    const isComplete = results.every(({ problem }) => problem !== 'aborted');
    const isAllWell = results.every(({ problem }) => !problem);
    const isNothingOpen = !results.some(({ opened }) => opened);
    const policies = isComplete && !isAllWell ? await findPolicies(settings, isNothingOpen, clock) : [];
    const head = {
        url: target.replace(/\/\/[^/]*@/, '//'),
        time,
        browser: navigator.userAgent,
        complete: isComplete,
    };
    return reportOf(results, head, policies);
}

export { RungsError, diagnose };
//# sourceMappingURL=diagnose.mjs.map
