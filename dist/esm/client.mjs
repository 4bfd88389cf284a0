/**
 * The socket: checks what an application asks for, and tells it what happens.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
import { openChannel } from './channel.mjs';
import { RungsError } from './error.mjs';
import { createEvent } from './event.mjs';
import { checkPage, checkOptions, supportedTransports, namedTransports } from './options.mjs';
import { systemClock } from './platform/clock.mjs';
import { enqueueTask } from './platform/engine.mjs';
import { resolveUrl } from './platform/url.mjs';
import { countContainers } from './protocol/depth.mjs';
import { createMessage, encodeWhole } from './protocol/messages.mjs';
import { REFUSED, MAX_DEPTH, maxContainers, MAX_USER_ID, MAX_RECIPIENTS, MAX_MESSAGE, MESSAGE_OVERHEAD } from './protocol/packets.mjs';
import { toBase64 } from './transports/base64.mjs';

/** Messages of the largest size that may wait by default. */
const DEFAULT_BUFFERED = 4;
/** Messages that may always wait, however small `maxBuffered` is. */
const FEWEST_BUFFERED = 16;
/** The recipients of a message. Throws `invalid-option`. */
function checkRecipients(to) {
    if (to === undefined)
        return undefined;
    const recipients = Array.isArray(to) ? to : [to];
    const areIds = recipients.every((id) => typeof id === 'string' && id.length > 0 && id.length <= MAX_USER_ID);
    if (areIds && recipients.length && recipients.length <= MAX_RECIPIENTS) {
        return recipients;
    }
    throw new RungsError('invalid-option', `to is not 1 to ${MAX_RECIPIENTS} user ids of 1 to ${MAX_USER_ID} characters`);
}
/** A message that the server takes. Throws `invalid-message` or `message-too-large`. */
function makeMessage(data, to, { serverLimits: { maxMessage } }) {
    const message = createMessage(data, to);
    if (!message || (typeof message.body === 'string' && isTooComplex(message.body, maxMessage))) {
        throw new RungsError('invalid-message', `This ${typeof data} cannot be sent; send JSON, at most ${MAX_DEPTH} deep and of ${maxContainers(maxMessage)} arrays and objects, an ArrayBuffer or a view of one`);
    }
    if (message.size > maxMessage) {
        throw new RungsError('message-too-large', `${message.size} bytes are more than the server's ${maxMessage}; split the message`);
    }
    return message;
}
function isTooComplex(json, maxMessage) {
    return countContainers(json, maxContainers(maxMessage)) === Infinity;
}
/** Throws `message-too-large`: a volatile message has no parts, because nobody keeps what is there of it. */
function checkFitsPacket(message, { serverLimits: { maxBatch } }) {
    const { bytes } = encodeWhole(message, toBase64);
    if (bytes <= maxBatch)
        return;
    throw new RungsError('message-too-large', `${bytes} encoded bytes are more than the ${maxBatch} of a volatile message; send it without volatile`);
}
/** Throws `buffer-full` if a message finds no room beside those that wait. `given`: the option `maxBuffered`. */
function checkRoom({ outbox, serverLimits }, { size }, given) {
    const maxBuffered = given ?? DEFAULT_BUFFERED * Math.max(MAX_MESSAGE, serverLimits.maxMessage);
    const { bufferedBytes, messages } = outbox;
    const maxMessages = Math.max(FEWEST_BUFFERED, Math.floor(maxBuffered / MESSAGE_OVERHEAD));
    if (bufferedBytes + size <= maxBuffered && messages.length < maxMessages)
        return;
    throw new RungsError('buffer-full', `${bufferedBytes} of ${maxBuffered} bytes and ${messages.length} of ${maxMessages} messages wait, so there is no room ` +
        `for ${size} bytes more; await drained()`);
}
/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
function connect(url = '/rungs', options, { createStrategy, known, clock = systemClock }) {
    checkPage();
    checkOptions(options);
    const { maxBuffered } = options;
    const transports = supportedTransports(namedTransports(options.transports, known));
    const target = resolveUrl(url);
    const messages = createEvent();
    const states = createEvent();
    const transportChanges = createEvent();
    const resets = createEvent();
    const refusals = createEvent();
    const channel = openChannel({ ...options, url: target, transports, createStrategy, clock }, {
        onMessage([data, peer, kind = 0]) {
            if (!(kind & REFUSED))
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
            return channel.session.id;
        },
        get protocol() {
            return channel.session.protocol;
        },
        get state() {
            return channel.state;
        },
        get transport() {
            return channel.transport;
        },
        get rtt() {
            return channel.session.rtt;
        },
        attempts: channel.attempts,
        get bufferedAmount() {
            return channel.session.outbox.bufferedBytes;
        },
        send(data, { to, volatile } = {}) {
            channel.checkOpen();
            const { session } = channel;
            const message = makeMessage(data, checkRecipients(to), session);
            if (volatile)
                checkFitsPacket(message, session);
            if (!volatile) {
                checkRoom(session, message, maxBuffered);
                session.outbox.push(message);
            }
            else if (channel.transport) {
                session.volatile.push(message);
            }
            channel.flush();
        },
        onMessage(listener) {
            // Messages that wait are delivered after this call, so that the caller has what unsubscribes by then.
            enqueueTask(() => channel.session.deliver());
            return messages.on(listener);
        },
        onState: states.on,
        onTransport: transportChanges.on,
        onReset: resets.on,
        onRefused: refusals.on,
        setTransports(wanted) {
            channel.checkOpen();
            channel.setTransports(supportedTransports(namedTransports(wanted, known, 'unsupported')));
        },
        drained() {
            return new Promise((resolve) => {
                channel.checkOpen();
                resolve(channel.drained(channel.session.outbox.lastSequence));
            });
        },
        close: channel.close,
    };
}

export { connect };
//# sourceMappingURL=client.mjs.map
