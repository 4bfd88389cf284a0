/**
 * The exchange: the one HTTP verb of the protocol, and what every transport without frames is made of. A `POST`
 * carries acknowledgement and messages up; its answer carries acknowledgement and, if asked, messages down.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var base64 = require('../base64.cjs');
var protocol = require('../protocol.cjs');
var slot = require('./slot.cjs');

/** A simple request (Fetch standard, 4.8): no preflight, hence neither headers nor `upload` listeners. */
const xhr = (link, body, patience, done) => {
    const request = new XMLHttpRequest();
    request.open('POST', link.url);
    request.withCredentials = link.credentials;
    request.timeout = patience;
    request.onloadend = () => done(request.status, request.responseText);
    request.send(body);
    return () => request.abort();
};
function createExchanges(link, on, post = xhr) {
    const ends = {};
    let closed = false;
    let sending = false;
    // A stream goes on under the number of the exchange that asked for it; -1: there is none.
    let streamed = -1;
    const close = (bye) => {
        if (closed)
            return;
        closed = true;
        for (const name in ends)
            ends[name]();
        if (!bye)
            return;
        const [body, , patience] = link.attach({ bye }, base64.toBase64);
        // A beacon outlives the page; a policy may forbid it without a word to us, which is when there is a bridge.
        if (!navigator.sendBeacon?.(link.url, body) || post !== xhr)
            post(link, body, patience, () => { });
    };
    const fail = (reason) => {
        if (closed)
            return;
        close();
        on.closed(reason);
    };
    const take = (text, status = 200, aside) => {
        const down = protocol.readPacket(text);
        if (!down || (status !== 200 && !down.end))
            return undefined;
        base64.decodeEntries(down.batch?.[1]);
        base64.decodeEntries(down.volatile);
        on.packet(down, text.length, aside);
        return down;
    };
    const run = (fields, carries, done, failed = fail) => {
        if (closed)
            return;
        const up = carries && !sending;
        const [body, t, patience] = link.attach(fields, up && base64.toBase64);
        sending || (sending = up);
        ends[t] = post(link, body, patience, (status, text) => {
            if (closed)
                return;
            delete ends[t];
            if (up)
                sending = false;
            link.release(fields.stream ? streamed : t);
            if (fields.stream)
                streamed = t;
            const down = take(text, status, !fields.answer);
            if (!down)
                failed(status ? 'http-' + status : 'unreachable');
            else if (!closed)
                done(down);
        });
    };
    const flush = () => {
        if (!sending && link.due())
            run({}, true, flush);
    };
    return { ends, run, take, flush, close, fail };
}
/**
 * A transport whose stream only comes down: an exchange gets the ticket for it, and exchanges carry what goes up.
 * `open` returns what ends the stream.
 */
function openStream(link, on, stream, open, post) {
    const exchanges = createExchanges(link, on, post);
    const { ends, run, flush, fail } = exchanges;
    const start = () => {
        // First, for who waits for a connection is to have this one.
        ends.stream?.();
        run({ stream: '"' + stream + '"' }, true, ({ ticket }) => {
            if (!ticket)
                return fail('no-ticket');
            ends.stream = open(ticket, exchanges);
            flush();
        });
    };
    ends.slot = slot.takeSlot(link, start, () => fail('no-slot'));
    return exchanges;
}

exports.createExchanges = createExchanges;
exports.openStream = openStream;
