/** Findings in the words of a support person. Pure functions. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

const TITLES = {
    websocket: 'WebSocket',
    sse: 'SSE',
    'long-poll': 'Long poll',
    'short-poll': 'Short poll',
    'forever-iframe': 'Forever iframe',
};
const WORDS = {
    unsupported: () => 'this browser does not have it',
    forbidden: ({ reason }) => `the browser does not allow it on this page (${reason})`,
    'no-token': () => 'not tried, because the page could not get its token',
    unanswered: () => 'no answer comes back in time: something on the way lets it wait',
    slow: () => 'opens, but takes too long',
    unreachable: () => 'there is no connection to the server: it is offline or blocked, or does not allow this page',
    rejected: ({ reason }) => `the connection fails: something on the way refuses it (${reason})`,
    swallowed: () => 'the connection opens but nothing comes through: a proxy on the way swallows it',
    lagging: () => 'a proxy on the way holds back each message until the next one comes',
    buffered: () => 'a proxy on the way collects all messages until the stream ends',
    refused: ({ reason }) => `the network lets it through, but the server refuses (${reason})`,
    'several-servers': () => 'several servers answer that do not know each other; they need a common store, or sticky sessions',
    unsteady: ({ reason }) => `opens, but not every time (${reason})`,
    cut: ({ lasted, reason }) => `opens, but is cut after ${seconds(lasted)} (${reason})`,
    silent: () => 'opens, but when it is left alone nothing comes any more: a proxy on the way drops it',
    aborted: () => 'not tried to the end, because the diagnosis was stopped',
};
/** Words for reasons that say more than their problem. */
const REASON_WORDS = {
    'upgrade-removed': 'a proxy on the way takes away the header Upgrade; let it pass Upgrade and Connection',
    'bridge-unreachable': 'no connection to the page of the bridge',
    'bridge-silent': 'the page of the bridge is never answered: something on the way lets it wait',
    'bridge-cut': 'the page of the bridge is cut on its way',
    'bridge-replaced': 'another page is answered in place of the bridge, as by a single-page fallback or a service worker; exempt its path',
    'bridge-forbidden': 'the browser does not show the frame: frame-src of this page or frame-ancestors of the server forbids it',
    'connect-src': 'the policy of this page does not allow it (connect-src)',
    'frame-src': 'the policy of this page does not allow the frame (frame-src)',
    'child-src': 'the policy of this page does not allow the frame (child-src)',
};
function reasonWords(reason) {
    const [, status] = /^bridge-http-(\d+)$/.exec(reason || '') || [];
    return status
        ? `something answers with ${status} in place of the page of the bridge`
        : REASON_WORDS[reason || ''];
}
/** Milliseconds of opening or of silence from which on they are named. */
const SLOW = 2000;
const QUIET = 1000;
function seconds(ms) {
    return `${ms < 10000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}
function verdictOf(finding) {
    const { transport, problem, reason, hello, rtt, quiet, waitCut } = finding;
    const words = problem
        ? reasonWords(reason) || WORDS[problem](finding)
        : `works, ${rtt} ms` +
            (hello > SLOW ? `, but takes ${seconds(hello)} to open` : '') +
            (waitCut ? `; each wait is cut after ${seconds(waitCut)}, and asked again` : '') +
            (quiet >= QUIET ? `; stays open through ${seconds(quiet)} of silence` : '');
    return `${TITLES[transport]}: ${words}.`;
}
/** The best transport, and those that do not work. */
function summaryOf(findings) {
    const tried = findings.filter(({ problem }) => problem !== 'aborted');
    const failed = tried.filter(({ problem }) => problem);
    const stopped = tried.length < findings.length ? ' The diagnosis was stopped before its end.' : '';
    if (!tried.length)
        return 'The diagnosis was stopped before anything was found out.';
    const [best] = tried.filter(({ problem }) => !problem);
    if (!best)
        return `Nothing works here: ${causeOf(failed)}.${stopped}`;
    const names = failed.map(({ transport }) => transport).join(', ');
    const rest = failed.length
        ? `${failed.length} of ${tried.length} transports ${failed.length > 1 ? 'do' : 'does'} not work here: ${names}.`
        : tried.length > 1
            ? `All ${tried.length} transports work.`
            : 'It works.';
    return `Use: ${best.transport}. ${rest}${stopped}`;
}
/** Why nothing works, as a hint whom to ask. */
function causeOf(failed) {
    const [refusal] = failed.filter(({ problem }) => problem === 'refused');
    if (refusal)
        return `the server refuses (${refusal.reason}); the network is not the cause`;
    if (failed.some(({ problem }) => problem === 'several-servers'))
        return 'several servers answer that do not know each other; they need a common store, or sticky sessions';
    if (failed.every(({ problem }) => problem === 'unsupported'))
        return 'this browser is too old';
    if (failed.some(({ problem }) => problem === 'no-token'))
        return 'the page could not get its token';
    if (failed.some(({ hello, rtt }) => hello !== null || rtt !== null))
        return 'the server answers, but no connection holds';
    return 'no answer from the server arrives; check its address, and whether it runs and is allowed';
}
/** The numbers of a finding, as far as there are any. */
function detailsOf(finding) {
    const { hello, rtt, flow, quiet, waitCut, problem, reason, session } = finding;
    const details = [
        problem && problem !== reason ? `${problem}, ${reason}` : problem,
        hello !== null && `hello after ${hello} ms`,
        rtt !== null && `round trip ${rtt} ms`,
        flow !== problem && flow,
        quiet > 0 && `longest pause ${seconds(quiet)}`,
        waitCut && `waits cut after ${seconds(waitCut)}`,
        session && `session ${session}`,
    ];
    return details.filter(Boolean).join('; ');
}
function bodyLimitNote(bytes) {
    return `Something on the way refuses large bodies of requests; ${bytes} bytes pass. Raise its limit (nginx: client_max_body_size).`;
}
/** Puts a report together. */
function reportOf(findings, head, policies = []) {
    const { url, time, browser } = head;
    const limits = findings.map(({ bodyLimit }) => bodyLimit).filter(Boolean);
    const notes = [...limits.slice(0, 1).map(bodyLimitNote), ...policies];
    const transports = findings.map(withVerdict);
    const [best] = transports.filter(({ problem }) => !problem);
    const summary = summaryOf(findings);
    const lines = transports.map((each) => `\n${each.verdict}\n  ${detailsOf(each)}\n`);
    return {
        ...head,
        notes,
        use: best ? best.transport : null,
        summary,
        transports,
        text: `Rungs diagnosis\n${url}\n${time}\n${browser}\n\n${[summary, ...notes].join('\n')}\n${lines.join('')}`,
    };
}
function withVerdict(finding) {
    return { ...finding, verdict: verdictOf(finding) };
}

exports.reportOf = reportOf;
exports.withVerdict = withVerdict;
