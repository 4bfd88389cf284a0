/**
 * The socket: checks what an application asks for, and tells it what happens.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var channel = require('./channel.cjs');
var error = require('./error.cjs');
var event = require('./event.cjs');
var options = require('./options.cjs');
var clock = require('./platform/clock.cjs');
var engine = require('./platform/engine.cjs');
var url = require('./platform/url.cjs');
var depth = require('./protocol/depth.cjs');
var messages = require('./protocol/messages.cjs');
var packets = require('./protocol/packets.cjs');
var base64 = require('./transports/base64.cjs');

/** Messages of the largest size that may wait by default. */
const DEFAULT_BUFFERED = 4;
/** Messages that may always wait, however small `maxBuffered` is. */
const FEWEST_BUFFERED = 16;
/** The recipients of a message. Throws `invalid-option`. */
function checkRecipients(to) {
    if (to === undefined)
        return undefined;
    const recipients = Array.isArray(to) ? to : [to];
    const areIds = recipients.every((id) => typeof id === 'string' && id.length > 0 && id.length <= packets.MAX_USER_ID);
    if (areIds && recipients.length && recipients.length <= packets.MAX_RECIPIENTS) {
        return recipients;
    }
    throw new error.RungsError('invalid-option', `to is not 1 to ${packets.MAX_RECIPIENTS} user ids of 1 to ${packets.MAX_USER_ID} characters`);
}
/** A message that the server takes. Throws `invalid-message` or `message-too-large`. */
function makeMessage(data, to, { serverLimits: { maxMessage } }) {
    const message = messages.createMessage(data, to);
    if (!message || (typeof message.body === 'string' && isTooComplex(message.body, maxMessage))) {
        throw new error.RungsError('invalid-message', `This ${typeof data} cannot be sent; send JSON, at most ${packets.MAX_DEPTH} deep and of ${packets.maxContainers(maxMessage)} arrays and objects, an ArrayBuffer or a view of one`);
    }
    if (message.size > maxMessage) {
        throw new error.RungsError('message-too-large', `${message.size} bytes are more than the server's ${maxMessage}; split the message`);
    }
    return message;
}
function isTooComplex(json, maxMessage) {
    return depth.countContainers(json, packets.maxContainers(maxMessage)) === Infinity;
}
/** Throws `message-too-large`: a volatile message has no parts, because nobody keeps what is there of it. */
function checkFitsPacket(message, { serverLimits: { maxBatch } }) {
    const { bytes } = messages.encodeWhole(message, base64.toBase64);
    if (bytes <= maxBatch)
        return;
    throw new error.RungsError('message-too-large', `${bytes} encoded bytes are more than the ${maxBatch} of a volatile message; send it without volatile`);
}
/** Throws `buffer-full` if a message finds no room beside those that wait. `given`: the option `maxBuffered`. */
function checkRoom({ outbox, serverLimits }, { size }, given) {
    const maxBuffered = given ?? DEFAULT_BUFFERED * Math.max(packets.MAX_MESSAGE, serverLimits.maxMessage);
    const { bufferedBytes, messages } = outbox;
    const maxMessages = Math.max(FEWEST_BUFFERED, Math.floor(maxBuffered / packets.MESSAGE_OVERHEAD));
    if (bufferedBytes + size <= maxBuffered && messages.length < maxMessages)
        return;
    throw new error.RungsError('buffer-full', `${bufferedBytes} of ${maxBuffered} bytes and ${messages.length} of ${maxMessages} messages wait, so there is no room ` +
        `for ${size} bytes more; await drained()`);
}
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url$1 = '/rungs', options$1, { createStrategy, known, clock: clock$1 = clock.systemClock }) {
    options.checkPage();
    options.checkOptions(options$1);
    const { maxBuffered } = options$1;
    const transports = options.supportedTransports(options.namedTransports(options$1.transports, known));
    const target = url.resolveUrl(url$1);
    const messages = event.createEvent();
    const states = event.createEvent();
    const transportChanges = event.createEvent();
    const resets = event.createEvent();
    const refusals = event.createEvent();
    const channel$1 = channel.openChannel({ ...options$1, url: target, transports, createStrategy, clock: clock$1 }, {
        onMessage([data, peer, kind = 0]) {
            if (!(kind & packets.REFUSED))
                messages.emit(data, peer ? { from: peer } : {});
            else
                refusals.emit({ data: data, to: peer, reason: 'relay' });
        },
        hasListeners: messages.hasListeners,
        onState: states.emit,
        onTransport: transportChanges.emit,
        onReset: resets.emit,
        onRefused: refusals.emit,
    });
    return {
        get id() {
            return channel$1.session.id;
        },
        get protocol() {
            return channel$1.session.protocol;
        },
        get state() {
            return channel$1.state;
        },
        get transport() {
            return channel$1.transport;
        },
        get rtt() {
            return channel$1.session.rtt;
        },
        attempts: channel$1.attempts,
        get bufferedAmount() {
            return channel$1.session.outbox.bufferedBytes;
        },
        send(data, { to, volatile } = {}) {
            channel$1.checkOpen();
            const { session } = channel$1;
            const message = makeMessage(data, checkRecipients(to), session);
            if (volatile)
                checkFitsPacket(message, session);
            if (!volatile) {
                checkRoom(session, message, maxBuffered);
                session.outbox.push(message);
            }
            else if (channel$1.transport) {
                session.volatile.push(message);
            }
            channel$1.flush();
        },
        onMessage(listener) {
            // Messages that wait are delivered after this call, so that the caller has what unsubscribes by then.
            engine.enqueueTask(() => channel$1.session.deliver());
            return messages.on(listener);
        },
        onState: states.on,
        onTransport: transportChanges.on,
        onReset: resets.on,
        onRefused: refusals.on,
        setTransports(wanted) {
            channel$1.checkOpen();
            channel$1.setTransports(options.supportedTransports(options.namedTransports(wanted, known, 'unsupported')));
        },
        drained() {
            return new Promise((resolve) => {
                channel$1.checkOpen();
                resolve(channel$1.drained(channel$1.session.outbox.lastSequence));
            });
        },
        close: channel$1.close,
    };
}

exports.connect = connect;
