/** The options of `connect`, checked: mistakes are told at the call, in a typed error that says what to do. */
import { RungsError } from './error.mjs';
import { createMessage } from './protocol/messages.mjs';
import { isInBridgeFrame } from './platform/bridge-frame.mjs';
import { isBrowser } from './platform/engine.mjs';

/** Options of both entries of the package. */
const NAMES = [
    ...['auth', 'credentials', 'ladder', 'maxBuffered', 'meta', 'protocols'],
    ...['remember', 'resend', 'resume', 'signal', 'transports'],
];
/**
 * Refuses to start an application that a fallback answered in place of the server's bridge: it runs in the page already.
 * @throws RungsError `bridge-frame`.
 */
function checkPage() {
    if (!isInBridgeFrame())
        return;
    throw new RungsError('bridge-frame', 'This page was answered in place of the bridge (the path of the server and /bridge); exempt that path from the fallback or service worker');
}
/** @throws RungsError `invalid-option`. */
function checkOptions(options) {
    const { maxBuffered, resend, auth, protocols, meta } = options;
    const check = (isValid, message) => {
        if (!isValid)
            throw new RungsError('invalid-option', message);
    };
    for (const name of Object.keys(options)) {
        check(NAMES.indexOf(name) >= 0, `There is no option ${name}; pass some of: ${NAMES.join(', ')}`);
    }
    check(maxBuffered === undefined || maxBuffered > 0, `maxBuffered is ${maxBuffered}; pass bytes above 0`);
    check(resend === undefined || resend === 'unsent' || resend === 'all' || resend === 'none', `resend is ${resend}; pass unsent, all or none`);
    check(auth === undefined || typeof auth === 'string' || typeof auth === 'function', `auth is a ${typeof auth}; pass a token or a function`);
    check(protocols === undefined ||
        (protocols.length <= 16 &&
            protocols.every((name) => typeof name === 'string' && /^.{1,64}$/.test(name))), 'protocols is not a list of up to 16 names of 1 to 64 characters');
    const metaMessage = meta === undefined ? undefined : createMessage(meta);
    check(meta === undefined ||
        (!!metaMessage && typeof metaMessage.body === 'string' && metaMessage.body.length <= 4096), 'meta is not JSON of up to 4,096 characters');
}
/**
 * The transports with these names, or these transports, in this order.
 * @throws RungsError of this type for what is no list, and for a name that is not among the known ones.
 */
function namedTransports(wanted, known, type = 'invalid-option') {
    if (!Array.isArray(wanted)) {
        throw new RungsError(type, `transports is a ${typeof wanted}; pass a list, best first`);
    }
    return wanted.map((each) => {
        if (each && typeof each === 'object')
            return each;
        const [found] = known.filter(({ name }) => name === each);
        if (found)
            return found;
        throw new RungsError(type, `There is no transport ${each} here; pass some of: ${namesOf(known)}`);
    });
}
/**
 * Those of the transports that this browser supports.
 * @throws RungsError `unsupported` if there is none.
 */
function supportedTransports(transports) {
    if (!isBrowser()) {
        throw new RungsError('unsupported', 'This is no web page, or it has no crypto.getRandomValues');
    }
    const supported = transports.filter((each) => each.supported());
    if (supported.length)
        return supported;
    throw new RungsError('unsupported', `This browser supports none of the transports: ${namesOf(transports)}`);
}
const namesOf = (transports) => transports.map(({ name }) => name).join(', ');

export { checkOptions, checkPage, namedTransports, supportedTransports };
//# sourceMappingURL=options.mjs.map
