/** The life of a socket: its session, the transports that carry it, its page, and its states. */
import { createTokenSource } from './auth.mjs';
import { createUnknownEnds } from './connection/unknown-ends.mjs';
import { leftoversOf, createDrain, asSent } from './delivery.mjs';
import { RungsError } from './error.mjs';
import { enqueueTask } from './platform/engine.mjs';
import { createFarewell, SAFE_IN_SOCKET } from './last-words.mjs';
import { toJSON } from './platform/json.mjs';
import { isPageVisible, watchPage } from './platform/page-lifecycle.mjs';
import { reasonOf } from './protocol/ends.mjs';
import { createSession } from './session/session.mjs';

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
    const tokens = createTokenSource(settings.auth, clock);
    const farewell = createFarewell({ url, credentials }, tokens);
    const drain = createDrain();
    const unknownEnds = createUnknownEnds(clock);
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
        enqueueTask(() => {
            isFlushing = false;
            if (page === 'here')
                strategy.flush();
            else if (page === 'cached')
                farewell.sendWaiting(session);
        });
        // Other listeners of the page's end may send after ours (HTML standard, 7.4.6: `visibilitychange`, `unload`).
        if (page === 'cached' || page === 'kept')
            resume?.put(session.save());
    };
    const beginSession = (saved) => {
        const begun = createSession(clock, {
            onMessage: on.onMessage,
            hasListeners: () => state !== 'closed' && on.hasListeners(),
            onPending: flush,
            onSessionLost: reset,
            onTooLarge(messages, first, limit) {
                // A session that has ended has given its messages back.
                if (session !== begun || state === 'closed')
                    return;
                const text = `no request of ${limit} bytes passes; see onRefused`;
                drain.reject(first, new RungsError('message-too-large', text));
                messages.forEach((each) => on.onRefused({ ...asSent(each), reason: 'body-limit', limit }));
            },
            onTokenAsked: () => tokens.get((token) => session.renewToken(token), () => { }),
        }, saved, { protocols, meta });
        return begun;
    };
    const endDrain = (type, message) => drain.update(session.outbox.acceptedUpTo, new RungsError(type, message));
    const reset = (reason) => {
        const { outbox } = session;
        const event = { reason, ...leftoversOf(outbox) };
        // The new session is that of another user, who has not said what the former one said.
        const again = reason === USER_CHANGED ? 'none' : resend;
        const first = { all: 0, unsent: event.inDoubt.length, none: Infinity }[again];
        const messages = outbox.messages.slice(first);
        endDrain('reset', `The session was reset (${reason}); see onReset`);
        session = beginSession(stored && { page: stored.page });
        messages.forEach(session.outbox.push);
        strategy.restart('reset', unknownEnds.add(reason));
        on.onReset(event);
    };
    const finish = (reason, code = NORMAL_CLOSURE, bye) => {
        // A goodbye takes the messages along that were not sent yet. They are in doubt from then on.
        // A component may connect, close and connect again in one task (React's StrictMode): a session to resume waits for that.
        const isKept = !hasStarted && resume?.put(session.save());
        if (!strategy.stop(bye) && bye && !isKept)
            farewell.sayGoodbye(session, bye, page !== 'here');
        transport = null;
        endDrain('closed', `The socket is closed (${reason}); connect again`);
        unwatchPage();
        signal?.removeEventListener('abort', abort);
        become({ state: 'closed', code, reason, ...leftoversOf(session.outbox) });
    };
    const close = (code, reason = 'closed') => {
        if (state === 'closed')
            return;
        // `close` may be a listener, and then gets an event.
        const checkedCode = isCloseCode(code) ? code : NORMAL_CLOSURE;
        const checkedReason = String(reason).slice(0, MAX_REASON);
        finish(checkedReason, checkedCode, toJSON([0, checkedCode, checkedReason]));
    };
    const abort = () => close(NORMAL_CLOSURE, 'aborted');
    const handleEnd = (end) => {
        const [type, reason, then, code] = end;
        if (type === 'malformed' || type === 'too-large')
            refusedPackets++;
        if (then === 'reset') {
            reset(type === 'forbidden' ? USER_CHANGED : reasonOf(end));
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
        openLink: (onLink, onFailure, needs) => farewell.openLink(() => session, onLink, onFailure, needs),
        session: () => session,
        isVisible: isPageVisible,
        onPacket(down, bytes) {
            const acceptedBefore = session.outbox.acceptedUpTo;
            const isValid = session.receive(down, bytes);
            if (session.outbox.acceptedUpTo > acceptedBefore)
                refusedPackets = 0;
            drain.update(session.outbox.acceptedUpTo);
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
    const unwatchPage = watchPage({
        onHide(isCached) {
            const isKept = resume?.put(session.save());
            if (isCached) {
                page = 'cached';
                strategy.stop();
                return farewell.sendWaiting(session);
            }
            page = isKept ? 'kept' : 'gone';
            const bye = toJSON([isKept ? RESUME_GRACE : 0]);
            const isCarried = strategy.stop(bye) && session.outbox.bufferedBytes <= SAFE_IN_SOCKET;
            // Messages that come twice count once; whichever goodbye comes later is refused, or gets the end of the session.
            if (!isCarried)
                farewell.sayGoodbye(session, bye, true);
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
    let session = beginSession(stored);
    const setTransports = (wanted) => {
        hasStarted = true;
        isAlone = wanted.length === 1;
        strategy.setTransports(wanted);
    };
    // Messages that this task sends go along with the first exchange.
    enqueueTask(() => hasStarted || state === 'closed' || setTransports(transports));
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
            return session;
        },
        attempts: strategy.attempts,
        drained(sequence) {
            const accepted = drain.wait(sequence);
            drain.update(session.outbox.acceptedUpTo);
            return accepted;
        },
        checkOpen() {
            if (state === 'closed')
                throw new RungsError('closed', 'The socket is closed; connect again');
            if (page === 'gone') {
                throw new RungsError('closed', 'The page goes away; send before pagehide, or use resume');
            }
        },
        flush,
        setTransports,
        close,
    };
}

export { openChannel };
//# sourceMappingURL=channel.mjs.map
