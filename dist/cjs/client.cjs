/**
 * The socket: `send`, `onMessage` and what becomes of the session behind them.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var clock = require('./clock.cjs');
var engine = require('./engine.cjs');
var error = require('./error.cjs');
var event = require('./event.cjs');
var pageLifecycle = require('./page-lifecycle.cjs');
var protocol = require('./protocol.cjs');
var session = require('./session.cjs');

/** Seconds that a session outlives its page, if it can be resumed. */
const GRACE = 10;
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @param createStrategy What changes carriers.
 * @param clock Time and chance, for tests.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
function connect(url = '/rungs', options, createStrategy, clock$1 = clock.systemClock) {
    const { transports, auth, resume, remember, maxBuffered = 4 * protocol.MAX_MESSAGE, credentials = false, signal, } = options;
    /** The transports with these names that the browser has, in this order. */
    const usable = (names) => {
        const found = [];
        names.forEach((name) => transports.forEach((each) => each.name === name && each.supported() && found.push(each)));
        if (!found.length || !engine.isBrowser()) {
            throw new error.RungsError('unsupported', '' + names);
        }
        return found;
    };
    const first = usable(transports.map(({ name }) => name));
    // Resolves against the page in every engine; `new URL` is younger than some of them.
    const anchor = document.createElement('a');
    anchor.href = url;
    const target = anchor.href.replace(/\/$/, '');
    if (!/^https?:[^?#]+$/.test(target)) {
        throw new error.RungsError('invalid-url', 'http(s) without query, not ' + url);
    }
    if (!(maxBuffered > 0))
        throw new error.RungsError('invalid-option', 'maxBuffered > 0');
    const messages = event.createEvent();
    const states = event.createEvent();
    const moves = event.createEvent();
    const resets = event.createEvent();
    const refusals = event.createEvent();
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
        engine.soon(() => {
            flushing = false;
            ladder.flush();
        });
    };
    const begin = (saved) => session.createSession(clock$1, {
        arrived([data, peer, kind]) {
            if (kind & protocol.REFUSED)
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
        const given = session$1.unaccepted.map(({ body, peer }) => {
            const data = (typeof body === 'string' ? JSON.parse(body) : body);
            return { data, ...(peer && { to: peer }) };
        });
        drain(new error.RungsError(type, reason));
        // What is cut off is not in doubt.
        return { reason, unsent: given.splice(given.length - session$1.unsentCount), inDoubt: given };
    };
    const reset = (reason) => {
        const event = leave('reset', reason);
        // What is in doubt is for the application to decide.
        const again = session$1.unaccepted.splice(event.inDoubt.length);
        session$1 = begin(start && { page: start.page });
        again.forEach(session$1.push);
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
            finish(reason, code, engine.toJSON([0, code, reason]));
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
    const ladder = createStrategy(clock$1, {
        link(use, fail) {
            const got = (token) => use(session$1.link(target, credentials, token));
            if (typeof auth === 'function')
                engine.settle(auth, got, (error) => fail('auth: ' + error));
            else
                got(auth);
        },
        sessionNow: () => session$1,
        packet(down, bytes) {
            session$1.receive(down, bytes);
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
    const unwatch = pageLifecycle.watchPage((cached) => {
        const kept = resume?.put(session$1.save());
        ladder.stop(cached ? '' : engine.toJSON([kept ? GRACE : 0]));
    }, () => {
        resume?.take();
        ladder.restart('page-cache');
    }, ladder.wake, abort, signal);
    const live = () => {
        if (state === 'closed')
            throw new error.RungsError('closed', 'connect again');
    };
    const start = resume?.take();
    let session$1 = begin(start);
    // What this task sends goes along with the first exchange.
    engine.soon(() => ladder.attempts.length || state === 'closed' || ladder.use(first));
    if (signal?.aborted)
        abort();
    return {
        get id() {
            return session$1.terms.id;
        },
        get state() {
            return state;
        },
        get transport() {
            return transport;
        },
        get rtt() {
            return session$1.roundTrip;
        },
        attempts: ladder.attempts,
        get bufferedAmount() {
            return session$1.bufferedBytes;
        },
        send(data, { to, volatile } = {}) {
            live();
            const message = protocol.createMessage(data, to);
            const most = session$1.terms.maxMessage;
            if (!message)
                throw new error.RungsError('invalid-message', 'send JSON or binary');
            if (message.size > most) {
                throw new error.RungsError('message-too-large', 'at most ' + most + ' bytes');
            }
            if (!volatile) {
                if (session$1.bufferedBytes + message.size > maxBuffered) {
                    throw new error.RungsError('buffer-full', 'await drained()');
                }
                session$1.push(message);
            }
            else if (transport)
                session$1.volatile.push(message);
            flush();
        },
        onMessage(listener) {
            // Not within this call: whoever subscribes has no `Off` before it returns, and may be a listener itself.
            engine.soon(() => session$1.deliver());
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
                const number = session$1.acceptedUpTo + session$1.unaccepted.length;
                waiters.push((error) => (error ? fail(error) : number > session$1.acceptedUpTo || done()));
                drain();
            });
        },
        close,
    };
}

exports.connect = connect;
