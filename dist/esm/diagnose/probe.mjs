/**
 * One transport, on its own, in a session of its own. The application gets no message: a round trip is the time from the
 * first packet of a carrier to its answer. So it is opened a few times, one carrier after the other, which also shows
 * whether it opens every time.
 */
import { callAsync } from '../platform/engine.mjs';
import { createSession } from '../session/session.mjs';
import { readPacket } from '../transports/read-packet.mjs';
import { problemOf, flowOf, roundTrip } from './judge.mjs';
import { findBodyLimit, isUpgradeRemoved, whyNoBridge } from './second-look.mjs';
import { tryOut } from './trial.mjs';

/** How often a transport is opened. */
const OPENINGS = 3;
/** Milliseconds for what is held on its way to come out, once the server has ended the stream. */
const RELEASE = 2000;
/** Milliseconds by which a heartbeat may be late. */
const SLACK = 5000;
/** Ends the session at once. */
const BYE = '[0]';
/** Never rejects: whatever the network does is a finding. */
async function probe(transport, settings, clock) {
    const { signal } = settings;
    const supported = transport.supported();
    const failed = (problem, reason = problem) => ({
        ...{ transport: transport.name, supported, opened: false, problem, reason },
        ...{
            hello: null,
            rtt: null,
            flow: null,
            quiet: null,
            lasted: null,
            waitCut: null,
            bodyLimit: null,
            session: null,
        },
    });
    if (!supported)
        return failed('unsupported');
    if (signal?.aborted)
        return failed('aborted');
    const got = await tokenOf(settings, clock);
    if (signal?.aborted)
        return failed('aborted');
    return got ? tryInSession(transport, settings, got.token, clock) : failed('no-token', 'auth');
}
/** The token that `auth` gives; nothing if it fails, or is late. */
function tokenOf({ auth, deadline, signal }, clock) {
    return new Promise((resolve) => {
        if (typeof auth !== 'function')
            return resolve({ token: auth });
        const done = (got) => {
            stop();
            signal?.removeEventListener('abort', giveUp);
            resolve(got);
        };
        const giveUp = () => done();
        const stop = clock.after(deadline, giveUp);
        signal?.addEventListener('abort', giveUp);
        // The error of an application may contain the token, so the report says only that there was one.
        callAsync(auth, (token) => done({ token }), giveUp);
    });
}
/** The cause that a second look finds of why a transport did not open, if there is one to find. */
async function causeOf(problem, { transport, sent }, target, clock) {
    if (transport === 'websocket' && problem === 'rejected') {
        return (await isUpgradeRemoved(target, clock)) ? 'upgrade-removed' : undefined;
    }
    // Without a first packet, there was no bridge to give it to.
    const hadNoBridge = transport === 'forever-iframe' && sent === undefined;
    return hadNoBridge && /^(unanswered|rejected)$/.test(problem)
        ? whyNoBridge(target, clock)
        : undefined;
}
async function tryInSession(transport, { url, credentials, deadline, silence, signal }, token, clock) {
    const trials = [];
    const session = createSession(clock, {
        onMessage() { },
        // Messages of the application are taken, because polls would bring them again and again.
        hasListeners: () => true,
        onPending: () => trials.forEach((each) => each.flush()),
        onTokenAsked() { },
        onTooLarge() { },
        onSessionLost: (reason) => trials.forEach((each) => each.end('server', reason)),
    });
    /** Opens one more carrier, beside none. */
    const open = async () => {
        link.releaseAll();
        link = session.openLink({ url, credentials, token });
        trial = tryOut(transport, link, clock, deadline, session.receive);
        trials.push(trial);
        await trial.until(() => trial.ready !== undefined, deadline);
        return trial.ready !== undefined && !trial.ended;
    };
    /** An exchange beside the transport. A beacon would not do: in a `no-referrer` page it has no origin. */
    const exchange = (fields) => {
        const { text: body } = link.attach(fields);
        const cookies = credentials ? 'include' : 'same-origin';
        return fetch(url, { method: 'POST', body, credentials: cookies, keepalive: true });
    };
    /** Says goodbye where the transport cannot. */
    const takeLeave = () => {
        exchange({ bye: BYE }).catch(() => {
            // Then no request gets through at all. The server lets go of a session that nobody comes back to.
        });
    };
    /** Makes the session, so that a WebSocket with which the browser does not say whose page it is may join (PROTOCOL.md 3.7). */
    const introduce = async () => {
        try {
            const text = await (await exchange({ answer: '"now"', hello: 1 })).text();
            const down = readPacket(text);
            if (down?.hello)
                session.receive(down, text.length);
        }
        catch {
            // Then the WebSocket is refused once more, which is what is reported.
        }
    };
    /** Leaves it alone until the server shows life after the silence. */
    const listen = async () => {
        const end = clock.now() + silence;
        const lives = () => trial.heard >= end;
        await trial.until(lives, silence + session.serverLimits.heartbeat + SLACK);
        if (trial.ended)
            return trial.ended.by === 'caller' ? 'aborted' : 'cut';
        return lives() ? null : 'silent';
    };
    const abort = () => trials.forEach((each) => each.end('caller', 'aborted'));
    signal?.addEventListener('abort', abort);
    let link = session.openLink({ url, credentials, token });
    let trial;
    let opened = 0;
    let problem = null;
    let proven = await open();
    if (transport.name === 'websocket' && trial.ended?.reason === 'origin-refused') {
        await introduce();
        trials.pop().close();
        proven = await open();
    }
    while (proven && ++opened < OPENINGS) {
        trial.close();
        proven = await open();
    }
    const target = { url, credentials, deadline };
    let bodyLimit = 0;
    if (proven && transport.name === 'short-poll') {
        const { maxBatch } = session.serverLimits;
        bodyLimit = await findBodyLimit(() => link.attach().text, maxBatch, target, clock);
    }
    // Ends after this line are our own.
    if (proven && silence)
        problem = await listen();
    const { ended } = trial;
    if (proven && !problem) {
        if (!trial.close(BYE))
            takeLeave();
    }
    else {
        // A server that refused, or was never asked, knows no session.
        const refused = ended?.by === 'server' || ended?.by === 'browser';
        const known = opened > 0 || (trial.sent !== undefined && !refused);
        if (known)
            takeLeave();
        // The server ends the stream now, and what is only held on its way comes out.
        if (known && !proven)
            await trial.until(() => false, RELEASE);
        problem ?? (problem = problemOf(trial, ended, opened > 0));
        trial.close();
    }
    link.releaseAll();
    signal?.removeEventListener('abort', abort);
    let reason = problem && (ended ? ended.reason : proven ? 'silent' : 'deadline');
    if (problem && !opened)
        reason = (await causeOf(problem, trial, target, clock)) ?? reason;
    const [first] = trials;
    const listened = proven && silence > 0;
    return {
        transport: transport.name,
        supported: true,
        opened: opened > 0,
        problem,
        reason,
        hello: opened ? first.ready - first.begun : null,
        rtt: roundTrip(trials),
        flow: flowOf(first, problem),
        quiet: listened ? trial.pause : null,
        lasted: listened ? (ended ? ended.at : trial.heard) - trial.ready : null,
        waitCut: trials.map(({ waitCut }) => waitCut).filter(Boolean)[0] ?? null,
        bodyLimit: bodyLimit || null,
        session: session.id,
    };
}

export { probe };
//# sourceMappingURL=probe.mjs.map
