/** Finds out what a network does to each transport: for support pages, never a part of the main bundle. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var clock = require('./clock.cjs');
var probe = require('./diagnose/probe.cjs');
var report = require('./diagnose/report.cjs');
var error = require('./error.cjs');
var event = require('./event.cjs');
var foreverIframe = require('./transports/forever-iframe.cjs');
var longPoll = require('./transports/long-poll.cjs');
var shortPoll = require('./transports/short-poll.cjs');
var sse = require('./transports/sse.cjs');
var websocket = require('./transports/websocket.cjs');

const ALL = [websocket.websocket, sse.sse, longPoll.longPoll, shortPoll.shortPoll, foreverIframe.foreverIframe];
/** The longest time that a timer takes (HTML standard, 8.6: a signed 32-bit number). */
const LONGEST = 2147483647;
/**
 * Tries every transport on its own, one after the other, each in a session of its own, and tells what the network does
 * to it. A bad network is a result, never an error.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @param clock Time and chance, for tests.
 * @returns Rejects with a RungsError `invalid-url`, `invalid-option` or `unsupported` (outside of a web page), and for
 * no other reason.
 */
async function diagnose(url = '/rungs', options = {}, clock$1 = clock.systemClock) {
    const { auth, credentials = false, deadline = 5000, silence = 0, signal, onProgress } = options;
    if (typeof document === 'undefined' || typeof crypto === 'undefined')
        throw new error.RungsError('unsupported', 'Only a web page with crypto.getRandomValues can be tested');
    const target = resolve(url);
    const transports = (options.transports ?? ALL).map(named);
    if (!transports.length)
        throw new error.RungsError('invalid-option', 'transports names none');
    if (!(deadline > 0 && deadline <= LONGEST))
        throw new error.RungsError('invalid-option', 'deadline takes milliseconds above 0');
    if (!(silence >= 0 && silence <= LONGEST))
        throw new error.RungsError('invalid-option', 'silence takes milliseconds from 0 on');
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
    const time = new Date(clock$1.now()).toISOString();
    for (const transport of transports) {
        const step = { transport: transport.name, turn: results.length + 1, of: transports.length };
        progress.emit(step);
        const result = report.withVerdict(await probe.probe(transport, settings, clock$1));
        results.push(result);
        progress.emit({ ...step, result });
    }
    return report.reportOf(results, {
        url: target.replace(/\/\/[^/]*@/, '//'),
        time,
        browser: navigator.userAgent,
        complete: results.every(({ problem }) => problem !== 'aborted'),
    });
}
/** The server's path, as `connect` understands it. */
function resolve(url) {
    let target = '';
    try {
        target = new URL(url, document.baseURI).href.replace(/^ws/, 'http').replace(/\/$/, '');
    }
    catch {
        // No URL at all is as wrong as a wrong one.
    }
    if (/^https?:[^?#]+$/.test(target))
        return target;
    throw new error.RungsError('invalid-url', 'No http(s) URL without query: ' + url);
}
function named(transport) {
    if (typeof transport !== 'string')
        return transport;
    const [found] = ALL.filter(({ name }) => name === transport);
    if (!found)
        throw new error.RungsError('invalid-option', 'No transport is called ' + transport);
    return found;
}

exports.RungsError = error.RungsError;
exports.diagnose = diagnose;
