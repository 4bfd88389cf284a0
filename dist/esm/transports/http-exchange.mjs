/**
 * The exchange: the one HTTP verb of the protocol, and what every transport without frames is made of. A `POST` carries
 * acknowledgement and messages up; its answer carries acknowledgement and, if asked, messages down.
 */
import { toBase64, decodeEntries } from './base64.mjs';
import { takeSlot } from './connection-slot.mjs';
import { readPacket } from './read-packet.mjs';

/** A simple request (Fetch standard, 4.8): no preflight, hence neither headers of our own nor `upload` listeners. */
const xhr = (link, { text, timeout }, on) => {
    const request = new XMLHttpRequest();
    request.open('POST', link.url);
    request.withCredentials = link.credentials;
    request.timeout = timeout;
    request.onprogress = () => on.progress();
    request.onloadend = () => on.answered(request.status, request.responseText);
    request.send(text);
    return () => request.abort();
};
function createExchanges(link, on, request = xhr) {
    const disposers = {};
    let closed = false;
    /** Whether an exchange with messages is in flight. */
    let sending = false;
    /** How many exchanges with messages were made. */
    let uploads = 0;
    /** Number of the exchange that asked for the stream; the stream goes on under that number. */
    let streamT;
    const close = (bye) => {
        if (closed)
            return;
        closed = true;
        Object.keys(disposers).forEach((name) => disposers[name]());
        // A request of this page does not outlive it, but that of a bridge passes where a policy stops the others.
        if (bye && request !== xhr) {
            request(link, link.attach({ bye }, toBase64), { answered() { }, progress() { } });
        }
    };
    const fail = (reason) => {
        if (closed)
            return;
        close();
        on.closed(reason);
    };
    const handlePacket = (down, text, outOfBand, isUpIdle) => {
        decodeEntries(down.batch?.[1]);
        decodeEntries(down.volatile);
        link.receive(down, isUpIdle);
        on.packet(down, text.length, outOfBand);
    };
    const settle = (t, { stream }) => {
        delete disposers[t];
        if (!stream)
            return link.release(t);
        if (streamT !== undefined)
            link.release(streamT);
        streamT = t;
    };
    const post = (exchange) => {
        const { fields, withMessages, onAnswer, onFailure = fail } = exchange;
        if (closed)
            return;
        const carriesMessages = withMessages && !sending;
        const body = link.attach(fields, carriesMessages ? toBase64 : undefined);
        if (carriesMessages) {
            sending = true;
            uploads++;
        }
        const uploadsBefore = uploads;
        let began;
        const answered = (status, text) => {
            if (closed)
                return;
            if (carriesMessages)
                sending = false;
            settle(body.t, fields);
            // Unless messages have gone up meanwhile, the answer counts all that went up before.
            const isUpIdle = !sending && uploads === uploadsBefore;
            // The packet counts, not the status (PROTOCOL.md 9.1). One without `end` and `ack` is no answer of a server: some
            // gateways say `{"message":"Forbidden"}`.
            const down = readPacket(text);
            if (began !== undefined) {
                link.noteAnswer(link.clock.now() - began, status ? text.length : undefined);
            }
            if (!down?.end && !down?.ack) {
                if (carriesMessages && link.bodyAnswered(body, status))
                    return post(exchange);
                const isPacket = down && status === 200;
                return onFailure(isPacket ? 'malformed' : status ? `http-${status}` : 'unreachable');
            }
            if (carriesMessages)
                link.bodyAnswered(body);
            handlePacket(down, text, !fields.answer, isUpIdle);
            if (!closed && !down.end)
                onAnswer(down);
        };
        const progress = () => {
            if (closed || !fields.answer)
                return;
            began ?? (began = link.clock.now());
            on.progress();
        };
        disposers[body.t] = request(link, body, { answered, progress });
    };
    const flush = () => {
        if (!sending && link.hasPending())
            post({ fields: {}, withMessages: true, onAnswer: flush });
    };
    const handleEvent = (text) => {
        if (closed)
            return;
        const down = readPacket(text);
        if (down)
            handlePacket(down, text, false, false);
        else
            fail('malformed');
    };
    return { disposers, post, handleEvent, flush, close, fail };
}
/**
 * A transport whose stream only comes down: an exchange gets the ticket for the stream, and exchanges carry messages up.
 * `open` opens the stream and returns the function that ends it.
 */
function openStream(link, on, stream, open, request) {
    const exchanges = createExchanges(link, on, request);
    const { disposers, fail, flush } = exchanges;
    const start = () => {
        // The old stream ends before the ticket for the new one is asked for: the request needs its connection.
        disposers.stream?.();
        exchanges.post({
            fields: { stream: `"${stream}"` },
            withMessages: true,
            onAnswer({ ticket }) {
                if (!ticket)
                    return fail('no-ticket');
                disposers.stream = open(ticket, exchanges);
                flush();
            },
        });
    };
    disposers.slot = takeSlot(link, { granted: start, refused: () => fail('no-slot') });
    return exchanges;
}

export { createExchanges, openStream };
//# sourceMappingURL=http-exchange.mjs.map
