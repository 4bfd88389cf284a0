/**
 * The socket: `send`, `onMessage` and what becomes of the session behind them.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
import { systemClock } from './clock.mjs';
import { settle, toJSON, soon, isBrowser } from './engine.mjs';
import { RungsError } from './error.mjs';
import { createEvent } from './event.mjs';
import { watchPage } from './page-lifecycle.mjs';
import { MAX_MESSAGE, createMessage, REFUSED } from './protocol.mjs';
import { createSession } from './session.mjs';

/** Seconds that a session outlives its page, if it can be resumed. */
const GRACE = 10;
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @param createStrategy What changes carriers.
 * @param clock Time and chance, for tests.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url = '/rungs', options, createStrategy, clock = systemClock) {
    const { transports, auth, resume, remember, maxBuffered = 4 * MAX_MESSAGE, credentials = false, signal, } = options;
    /** The transports with these names that the browser has, in this order. */
    const usable = (names) => {
        const found = [];
        names.forEach((name) => transports.forEach((each) => each.name === name && each.supported() && found.push(each)));
        if (!found.length || !isBrowser()) {
            throw new RungsError('unsupported', '' + names);
        }
        return found;
    };
    const first = usable(transports.map(({ name }) => name));
    // Resolves against the page in every engine; `new URL` is younger than some of them.
    const anchor = document.createElement('a');
    anchor.href = url;
    const target = anchor.href.replace(/\/$/, '');
    if (!/^https?:[^?#]+$/.test(target)) {
        throw new RungsError('invalid-url', 'http(s) without query, not ' + url);
    }
    if (!(maxBuffered > 0))
        throw new RungsError('invalid-option', 'maxBuffered > 0');
    const messages = createEvent();
    const states = createEvent();
    const moves = createEvent();
    const resets = createEvent();
    const refusals = createEvent();
    let state = 'connecting';
    let transport = null;
    let flushing = false;
    /** Whoever waits for the session to drain; false once it is told. */
    let waiters = [];
    /** The only way from state to state. */
    const become = (event) => {
        if (event.state === state || state === 'closed')
            return;
        state = event.state;
        states.emit(event);
    };
    const flush = () => {
        if (flushing)
            return;
        // What is sent within one task travels as one batch.
        flushing = true;
        soon(() => {
            flushing = false;
            ladder.flush();
        });
    };
    const begin = (saved) => createSession(clock, {
        arrived([data, peer, kind]) {
            if (kind & REFUSED)
                refusals.emit({ data: data, to: peer });
            else
                messages.emit(data, { ...(peer && { from: peer }) });
        },
        heard: () => state !== 'closed' && messages.heard(),
        flush,
        forgotten: reset,
    }, saved);
    const drain = (error) => {
        waiters = waiters.filter((waits) => waits(error));
    };
    /** What the session leaves behind. Whoever waits for it to drain is told. */
    const leave = (type, reason) => {
        const given = session.unaccepted.map(({ body, peer }) => {
            const data = (typeof body === 'string' ? JSON.parse(body) : body);
            return { data, ...(peer && { to: peer }) };
        });
        drain(new RungsError(type, reason));
        // What is cut off is not in doubt.
        return { reason, unsent: given.splice(given.length - session.unsentCount), inDoubt: given };
    };
    const reset = (reason) => {
        const event = leave('reset', reason);
        // What is in doubt is for the application to decide.
        const again = session.unaccepted.splice(event.inDoubt.length);
        session = begin(start && { page: start.page });
        again.forEach(session.push);
        ladder.restart('reset');
        resets.emit(event);
    };
    const finish = (reason, code = 1000, bye) => {
        // A goodbye takes along what was not sent yet, which is in doubt from then on.
        ladder.stop(bye);
        transport = null;
        const event = leave('closed', reason);
        unwatch();
        become({ state: 'closed', code, ...event });
    };
    const close = (code = 1000, reason = 'closed') => {
        if (state !== 'closed')
            finish(reason, code, toJSON([0, code, reason]));
    };
    const abort = () => close(undefined, 'aborted');
    const end = ([type, reason, then, code]) => {
        if (then === 'reset')
            reset(type === 'gone' ? reason : type);
        // A token may grow old while a carrier lives; the next attempt asks `auth` for a new one.
        else if (then === 'final' && !(type === 'unauthorized' && transport)) {
            finish(type === 'closed' ? reason : type, code);
        }
    };
    const ladder = createStrategy(clock, {
        link(use, fail) {
            const got = (token) => use(session.link(target, credentials, token));
            if (typeof auth === 'function')
                settle(auth, got, (error) => fail('auth: ' + error));
            else
                got(auth);
        },
        sessionNow: () => session,
        packet(down, bytes) {
            session.receive(down, bytes);
            drain();
            if (down.end)
                end(down.end);
        },
        moved(next, reason) {
            const previous = transport;
            transport = next;
            moves.emit({ transport, previous, reason });
            if (transport !== previous)
                become({ state: transport ? 'open' : 'reconnecting', reason });
        },
    }, target, remember);
    const unwatch = watchPage((cached) => {
        const kept = resume?.put(session.save());
        ladder.stop(cached ? '' : toJSON([kept ? GRACE : 0]));
    }, () => {
        resume?.take();
        ladder.restart('page-cache');
    }, ladder.wake, abort, signal);
    const live = () => {
        if (state === 'closed')
            throw new RungsError('closed', 'connect again');
    };
    const start = resume?.take();
    let session = begin(start);
    // What this task sends goes along with the first exchange.
    soon(() => ladder.attempts.length || state === 'closed' || ladder.use(first));
    if (signal?.aborted)
        abort();
    return {
        get id() {
            return session.terms.id;
        },
        get state() {
            return state;
        },
        get transport() {
            return transport;
        },
        get rtt() {
            return session.roundTrip;
        },
        attempts: ladder.attempts,
        get bufferedAmount() {
            return session.bufferedBytes;
        },
        send(data, { to, volatile } = {}) {
            live();
            const message = createMessage(data, to);
            const most = session.terms.maxMessage;
            if (!message)
                throw new RungsError('invalid-message', 'send JSON or binary');
            if (message.size > most) {
                throw new RungsError('message-too-large', 'at most ' + most + ' bytes');
            }
            if (!volatile) {
                if (session.bufferedBytes + message.size > maxBuffered) {
                    throw new RungsError('buffer-full', 'await drained()');
                }
                session.push(message);
            }
            else if (transport)
                session.volatile.push(message);
            flush();
        },
        onMessage(listener) {
            // Not within this call: whoever subscribes has no `Off` before it returns, and may be a listener itself.
            soon(() => session.deliver());
            return messages.on(listener);
        },
        onState: states.on,
        onTransport: moves.on,
        onReset: resets.on,
        onRefused: refusals.on,
        use(names) {
            live();
            ladder.use(usable(names));
        },
        drained() {
            return new Promise((done, fail) => {
                live();
                const number = session.acceptedUpTo + session.unaccepted.length;
                waiters.push((error) => (error ? fail(error) : number > session.acceptedUpTo || done()));
                drain();
            });
        },
        close,
    };
}

export { connect };
//# sourceMappingURL=client.mjs.map
