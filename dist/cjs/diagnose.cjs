/** Finds out what a network does to each transport: for support pages, never a part of the main bundle. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var error = require('./error.cjs');
var event = require('./event.cjs');
var options = require('./options.cjs');
var clock = require('./platform/clock.cjs');
var engine = require('./platform/engine.cjs');
var url = require('./platform/url.cjs');
var all = require('./transports/all.cjs');
var probe = require('./diagnose/probe.cjs');
var secondLook = require('./diagnose/second-look.cjs');
var report = require('./diagnose/report.cjs');

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
async function diagnose(url$1 = '/rungs', options$1 = {}, clock$1 = clock.systemClock) {
    const { auth, credentials = false, deadline = 5000, silence = 0, signal, onProgress } = options$1;
    if (!engine.isBrowser()) {
        throw new error.RungsError('unsupported', 'There is no web page here, or no crypto.getRandomValues; call diagnose in a browser');
    }
    const target = url.resolveUrl(url$1);
    const transports = options.namedTransports(options$1.transports ?? all.ALL_TRANSPORTS, all.ALL_TRANSPORTS);
    if (!transports.length) {
        throw new error.RungsError('invalid-option', 'transports is empty; pass at least one');
    }
    if (!(deadline > 0 && deadline <= LONGEST)) {
        throw new error.RungsError('invalid-option', `deadline is ${deadline}; pass milliseconds above 0`);
    }
    if (!(silence >= 0 && silence <= LONGEST)) {
        throw new error.RungsError('invalid-option', `silence is ${silence}; pass milliseconds from 0 on`);
    }
    const progress = event.createEvent();
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
    const time = new Date(clock$1.wallTime()).toISOString();
    for (const transport of transports) {
        const step = { transport: transport.name, turn: results.length + 1, of: transports.length };
        progress.emit(step);
        const result = report.withVerdict(await probe.probe(transport, settings, clock$1));
        results.push(result);
        progress.emit({ ...step, result });
    }
    const isComplete = results.every(({ problem }) => problem !== 'aborted');
    const isAllWell = results.every(({ problem }) => !problem);
    const isNothingOpen = !results.some(({ opened }) => opened);
    const policies = isComplete && !isAllWell ? await secondLook.findPolicies(settings, isNothingOpen, clock$1) : [];
    const head = {
        url: target.replace(/\/\/[^/]*@/, '//'),
        time,
        browser: navigator.userAgent,
        complete: isComplete,
    };
    return report.reportOf(results, head, policies);
}

exports.RungsError = error.RungsError;
exports.diagnose = diagnose;
