/**
 * The last words of a page, by requests that outlive it and need no live carrier: Firefox ends the WebSocket, and Chromium the
 * EventSource, before the page hears that it goes away.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var base64 = require('./transports/base64.cjs');

/**
 * Bytes of messages that a WebSocket surely passes on for a page that ends. Chromium (156) drops all above 64 KiB on the wire,
 * and a goodbye behind it; each byte takes at most six there (an escape: RFC 8259, 7). `bufferedAmount` is no measure: the pipe
 * behind it may be full.
 */
const SAFE_IN_SOCKET = 10000;
/** Sends a body by a request that ends with its page. */
function postPlainly(link, { text, timeout }, onDone) {
    const request = new XMLHttpRequest();
    request.open('POST', link.url);
    request.withCredentials = link.credentials;
    request.timeout = timeout;
    request.onloadend = onDone;
    request.send(text);
}
/**
 * Sends a body by a simple request that outlives its page (Fetch standard, 4.6). `onDone`: the request was answered, or has
 * failed; never called where the browser does not tell.
 */
function post(link, words, onDone) {
    const { url, credentials } = link;
    const { text } = words;
    if (typeof Request !== 'undefined' && 'keepalive' in Request.prototype) {
        // Unlike a beacon, a request with CORS keeps its `Origin` under `Referrer-Policy: no-referrer` in Firefox.
        const included = credentials ? 'include' : 'same-origin';
        fetch(url, { method: 'POST', body: text, keepalive: true, credentials: included })
            // A request counts among the 64 KiB until its answer has been read.
            .then((response) => response.text())
            // Other requests of the page may have used the 64 KiB up.
            .then(onDone, () => postPlainly(link, words, onDone));
        return;
    }
    if (navigator.sendBeacon?.(url, text))
        return;
    postPlainly(link, words, onDone);
}
function createFarewell(options, tokens) {
    /** The options of the last link, so that the last one need not wait for a token. */
    let lastOptions;
    /** Calls back with a link: at once if there was one before, because the page may not live longer. */
    const withLink = (session, onLink) => {
        if (tokens.isExhausted())
            return;
        // The messages may reach the server from now on.
        session.outbox.handOut(session.outbox.lastSequence);
        if (lastOptions)
            return onLink(session.openLink(lastOptions));
        tokens.get((token) => onLink(session.openLink({ ...options, token })), () => {
            // Without a token the server takes nothing. The application has got its messages back as in doubt.
        });
    };
    return {
        sayGoodbye(session, bye, isLeaving) {
            // A server that was never asked knows of nothing that could end.
            if (!lastOptions && !session.outbox.messages.length)
                return;
            withLink(session, (link) => {
                const next = () => {
                    const words = link.lastWords(base64.toBase64, isLeaving, bye);
                    post(link, words, () => words.isLast || next());
                };
                next();
            });
        },
        sendWaiting(session) {
            if (!session.outbox.messages.length)
                return;
            withLink(session, (link) => {
                post(link, link.lastWords(base64.toBase64, true), () => { });
                // The carriers of a page that comes back send everything again.
                link.releaseAll();
            });
        },
        openLink(session, onLink, onFailure, needs) {
            tokens.get((token) => {
                lastOptions = { ...options, ...needs, token };
                onLink(session().openLink(lastOptions));
            }, onFailure);
        },
    };
}

exports.SAFE_IN_SOCKET = SAFE_IN_SOCKET;
exports.createFarewell = createFarewell;
