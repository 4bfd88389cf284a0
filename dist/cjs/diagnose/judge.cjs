/** Verdicts on trials. Pure functions. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** Why a trial failed. `failure`: how it had ended when its time was over; `before`: whether it had opened another time. */
function problemOf(trial, failure, before) {
    if (failure?.by === 'caller')
        return 'aborted';
    // The session was made a moment ago, with a life of some seconds at least.
    if (failure?.by === 'server' && failure.reason === 'unknown')
        return 'several-servers';
    if (failure?.by === 'server')
        return 'refused';
    if (failure?.by === 'browser')
        return 'forbidden';
    if (before)
        return 'unsteady';
    if (failure)
        return failure.reason === 'unreachable' ? 'unreachable' : 'rejected';
    const { transport, sent, answered, greeted, ready, deadline, ended } = trial;
    // The first part of hello came, and the second did not, or no sooner than the end of the stream pushed it out.
    if (greeted !== undefined && greeted <= deadline)
        return 'lagging';
    if (ready !== undefined)
        return greeted !== undefined && ended ? 'buffered' : 'slow';
    // Only a WebSocket waits for a connection before its first packet.
    const connected = transport === 'websocket' ? sent : answered;
    return connected === undefined ? 'unanswered' : 'swallowed';
}
/** How messages come down, as far as the two parts of hello showed it. */
function flowOf({ greeted, ready }, problem) {
    if (problem === 'lagging' || problem === 'buffered')
        return problem;
    return greeted !== undefined && ready !== undefined ? 'flowing' : null;
}
/** The median of the round trips; `null` if none was measured. */
function roundTrip(trials) {
    const times = [];
    for (const { sent, answered } of trials) {
        if (sent !== undefined && answered !== undefined)
            times.push(answered - sent);
    }
    times.sort((a, b) => a - b);
    return times.length ? times[times.length >> 1] : null;
}

exports.flowOf = flowOf;
exports.problemOf = problemOf;
exports.roundTrip = roundTrip;
