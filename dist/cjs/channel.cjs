/** The life of a socket: its session, the transports that carry it, its page, and its states. */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var auth = require('./auth.cjs');
var unknownEnds = require('./connection/unknown-ends.cjs');
var delivery = require('./delivery.cjs');
var error = require('./error.cjs');
var engine = require('./platform/engine.cjs');
var lastWords = require('./last-words.cjs');
var json = require('./platform/json.cjs');
var pageLifecycle = require('./platform/page-lifecycle.cjs');
var ends = require('./protocol/ends.cjs');
var session = require('./session/session.cjs');

/** Seconds that a session outlives its page, if it can be resumed. */
const RESUME_GRACE = 10;
/** Milliseconds after which a state that is not `open` is told again, with the reason of the last attempt. */
const TELL_AGAIN = 5000;
/** Code of a close without a code of its own (RFC 6455, 7.4.1). */
const NORMAL_CLOSURE = 1000;
/** Reason of a reset: the session belongs to another user than the one that the server sees now. */
const USER_CHANGED = 'user-changed';
/** Characters of the reason of a goodbye (PROTOCOL.md 4.2). */
const MAX_REASON = 256;
const isCloseCode = (code) => typeof code === 'number' && code >= 0 && code <= 65535 && code % 1 === 0;
function openChannel(settings, on) {
    const { url, transports, createStrategy, clock, resume, remember, signal } = settings;
    const { credentials = false, resend = 'unsent', protocols, meta } = settings;
    const tokens = auth.createTokenSource(settings.auth, clock);
    const farewell = lastWords.createFarewell({ url, credentials }, tokens);
    const drain = delivery.createDrain();
    const unknownEnds$1 = unknownEnds.createUnknownEnds(clock);
    let state = 'connecting';
    let transport = null;
    let isFlushing = false;
    let hasStarted = false;
    /** Whether there is one transport, and no other can prove the page's origin for it (PROTOCOL.md 3.7). */
    let isAlone = transports.length === 1;
    /**
     * Whether the page is `here`; else it went into the back/forward cache (`cached`), or for good: with a copy of the session
     * for the page after a reload (`kept`), or without (`gone`).
     */
    let page = 'here';
    /** How often the server has refused a packet by itself since it accepted something. */
    let refusedPackets = 0;
    /** When a state was told last. */
    let toldAt = clock.now();
    /** The only way from state to state. The same state is told again if it lasts while attempts fail. */
    const become = (event) => {
        if (state === 'closed')
            return;
        const isLasting = state !== 'open' && clock.now() - toldAt >= TELL_AGAIN;
        const isNews = event.state !== state || isLasting;
        state = event.state;
        if (!isNews)
            return;
        toldAt = clock.now();
        on.onState(event);
    };
    const flush = () => {
        if (isFlushing)
            return;
        isFlushing = true;
        engine.enqueueTask(() => {
            isFlushing = false;
            if (page === 'here')
                strategy.flush();
            else if (page === 'cached')
                farewell.sendWaiting(session$1);
        });
        // Other listeners of the page's end may send after ours (HTML standard, 7.4.6: `visibilitychange`, `unload`).
        if (page === 'cached' || page === 'kept')
            resume?.put(session$1.save());
    };
    const beginSession = (saved) => {
        const begun = session.createSession(clock, {
            onMessage: on.onMessage,
            hasListeners: () => state !== 'closed' && on.hasListeners(),
            onPending: flush,
            onSessionLost: reset,
            onTooLarge(messages, first, limit) {
                // A session that has ended has given its messages back.
                if (session$1 !== begun || state === 'closed')
                    return;
                const text = `no request of ${limit} bytes passes; see onRefused`;
                drain.reject(first, new error.RungsError('message-too-large', text));
                messages.forEach((each) => on.onRefused({ ...delivery.asSent(each), reason: 'body-limit', limit }));
            },
            onTokenAsked: () => tokens.get((token) => session$1.renewToken(token), () => { }),
        }, saved, { protocols, meta });
        return begun;
    };
    const endDrain = (type, message) => drain.update(session$1.outbox.acceptedUpTo, new error.RungsError(type, message));
    const reset = (reason) => {
        const { outbox } = session$1;
        const event = { reason, ...delivery.leftoversOf(outbox) };
        // The new session is that of another user, who has not said what the former one said.
        const again = reason === USER_CHANGED ? 'none' : resend;
        const first = { all: 0, unsent: event.inDoubt.length, none: Infinity }[again];
        const messages = outbox.messages.slice(first);
        endDrain('reset', `The session was reset (${reason}); see onReset`);
        session$1 = beginSession(stored && { page: stored.page });
        messages.forEach(session$1.outbox.push);
        strategy.restart('reset', unknownEnds$1.add(reason));
        on.onReset(event);
    };
    const finish = (reason, code = NORMAL_CLOSURE, bye) => {
        // A goodbye takes the messages along that were not sent yet. They are in doubt from then on.
        // A component may connect, close and connect again in one task (React's StrictMode): a session to resume waits for that.
        const isKept = !hasStarted && resume?.put(session$1.save());
        if (!strategy.stop(bye) && bye && !isKept)
            farewell.sayGoodbye(session$1, bye, page !== 'here');
        transport = null;
        endDrain('closed', `The socket is closed (${reason}); connect again`);
        unwatchPage();
        signal?.removeEventListener('abort', abort);
        become({ state: 'closed', code, reason, ...delivery.leftoversOf(session$1.outbox) });
    };
    const close = (code, reason = 'closed') => {
        if (state === 'closed')
            return;
        // `close` may be a listener, and then gets an event.
        const checkedCode = isCloseCode(code) ? code : NORMAL_CLOSURE;
        const checkedReason = String(reason).slice(0, MAX_REASON);
        finish(checkedReason, checkedCode, json.toJSON([0, checkedCode, checkedReason]));
    };
    const abort = () => close(NORMAL_CLOSURE, 'aborted');
    const handleEnd = (end) => {
        const [type, reason, then, code] = end;
        if (type === 'malformed' || type === 'too-large')
            refusedPackets++;
        if (then === 'reset') {
            reset(type === 'forbidden' ? USER_CHANGED : ends.reasonOf(end));
        }
        else if (refusedPackets > 1) {
            // The server will not take something that is sent again and again (PROTOCOL.md 9.1).
            finish(type);
        }
        else if (then === 'final' || (type === 'origin-refused' && isAlone)) {
            // A token may grow old while a carrier lives, which then goes on: the next attempt gets a new one.
            if (type === 'unauthorized' && transport)
                tokens.onRefused();
            else
                finish(type === 'closed' ? reason : type, code);
        }
    };
    const strategy = createStrategy(clock, {
        openLink: (onLink, onFailure, needs) => farewell.openLink(() => session$1, onLink, onFailure, needs),
        session: () => session$1,
        isVisible: pageLifecycle.isPageVisible,
        onPacket(down, bytes) {
            const acceptedBefore = session$1.outbox.acceptedUpTo;
            const isValid = session$1.receive(down, bytes);
            if (session$1.outbox.acceptedUpTo > acceptedBefore)
                refusedPackets = 0;
            drain.update(session$1.outbox.acceptedUpTo);
            if (down.end)
                handleEnd(down.end);
            return isValid;
        },
        onTransportChange(next, reason) {
            const previous = transport;
            transport = next;
            on.onTransport({ transport, previous, reason });
            if (!transport && tokens.isExhausted())
                finish('unauthorized');
            else if (transport)
                become({ state: 'open', reason });
            else
                become({ state: state === 'connecting' ? state : 'reconnecting', reason });
        },
    }, url, remember);
    const unwatchPage = pageLifecycle.watchPage({
        onHide(isCached) {
            const isKept = resume?.put(session$1.save());
            if (isCached) {
                page = 'cached';
                strategy.stop();
                return farewell.sendWaiting(session$1);
            }
            page = isKept ? 'kept' : 'gone';
            const bye = json.toJSON([isKept ? RESUME_GRACE : 0]);
            const isCarried = strategy.stop(bye) && session$1.outbox.bufferedBytes <= lastWords.SAFE_IN_SOCKET;
            // Messages that come twice count once; whichever goodbye comes later is refused, or gets the end of the session.
            if (!isCarried)
                farewell.sayGoodbye(session$1, bye, true);
        },
        onShow() {
            page = 'here';
            // The session lives on in this page, so the stored copy is not for another one.
            resume?.take();
            strategy.restart('page-cache');
        },
        onWake: () => strategy.wake(),
        onNetworkChange: () => strategy.onNetworkChange(),
    });
    const stored = resume?.take();
    let session$1 = beginSession(stored);
    const setTransports = (wanted) => {
        hasStarted = true;
        isAlone = wanted.length === 1;
        strategy.setTransports(wanted);
    };
    // Messages that this task sends go along with the first exchange.
    engine.enqueueTask(() => hasStarted || state === 'closed' || setTransports(transports));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted)
        abort();
    return {
        get state() {
            return state;
        },
        get transport() {
            return transport;
        },
        get session() {
            return session$1;
        },
        attempts: strategy.attempts,
        drained(sequence) {
            const accepted = drain.wait(sequence);
            drain.update(session$1.outbox.acceptedUpTo);
            return accepted;
        },
        checkOpen() {
            if (state === 'closed')
                throw new error.RungsError('closed', 'The socket is closed; connect again');
            if (page === 'gone') {
                throw new error.RungsError('closed', 'The page goes away; send before pagehide, or use resume');
            }
        },
        flush,
        setTransports,
        close,
    };
}

exports.openChannel = openChannel;
