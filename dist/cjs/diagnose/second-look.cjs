/**
 * Second looks, by requests of their own: browsers tell a page nothing about a handshake or a frame that failed, and little about
 * a policy. None of them carries a message.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var bodyLimit = require('../session/body-limit.cjs');

/** Text of the server's answer that says that it met the handshake without its header (PROTOCOL.md 3.1). */
const UPGRADE_REMOVED = 'upgrade-removed';
/** Text that only the bridge has in it. */
const BRIDGE_MARK = 'Rungs-Origin';
function look(path, init, target, clock) {
    return new Promise((resolve) => {
        const cookies = target.credentials ? 'include' : 'same-origin';
        const stop = clock.after(target.deadline, () => done(0, '', 'silent'));
        const done = (status, text, failure) => {
            stop();
            resolve({ status, text, ...(failure ? { failure } : {}) });
        };
        fetch(target.url + path, { credentials: cookies, cache: 'no-store', ...init }).then((response) => response.text().then((text) => done(response.status, text), () => done(response.status, '', 'cut')), () => done(0, '', 'unreachable'));
    });
}
/** Whether a proxy took `Upgrade` away from the handshake that has just failed. The server knows. */
async function isUpgradeRemoved(target, clock) {
    const { text } = await look('', { headers: { Accept: 'application/json' } }, target, clock);
    return text.indexOf(`"${UPGRADE_REMOVED}`) > 0;
}
/** Why the frame of the bridge did not become the bridge, in a word. */
async function whyNoBridge(target, clock) {
    const { status, text, failure } = await look('/bridge', {}, target, clock);
    if (failure === 'unreachable')
        return 'bridge-unreachable';
    if (failure)
        return `bridge-${failure}`;
    if (status !== 200)
        return `bridge-http-${status}`;
    // The document is there, and its frame is not: `frame-src` of this page or `frame-ancestors` of the server forbids it.
    return text.indexOf(BRIDGE_MARK) < 0 ? 'bridge-replaced' : 'bridge-forbidden';
}
/**
 * The bytes of the largest body that passes, of those that a client tries: halves, from the largest packet on; 0: there is no limit,
 * or something else stops all of them. `attach`: makes the first line of a body.
 */
async function findBodyLimit(attach, largest, target, clock) {
    for (let bytes = largest;; bytes = Math.max(bodyLimit.SMALLEST_BODY, bytes >> 1)) {
        const head = `${attach()}\n{}`;
        // White space behind a packet changes nothing.
        const body = head + ' '.repeat(Math.max(0, bytes - head.length));
        // Each size waits for the one before.
        // oxlint-disable-next-line no-await-in-loop
        const { text } = await look('', { method: 'POST', body }, target, clock);
        if (/^\{.*"(ack|end)":/.test(text))
            return bytes === largest ? 0 : bytes;
        if (bytes <= bodyLimit.SMALLEST_BODY)
            return 0;
    }
}
/** A permission without which Chrome lets no public page reach a private address, by the names that it had. */
const LOCAL_NETWORK = ['local-network-access', 'local-network', 'loopback-network'];
/** Policies of the browser and the page that may be the reason where something fails, as sentences. */
async function findPolicies(target, isNothingOpen, clock) {
    const notes = [];
    const states = await Promise.all(LOCAL_NETWORK.map(permissionState));
    if (states.indexOf('denied') >= 0) {
        notes.push('The browser does not let this page reach private addresses (Local Network Access). Allow it in the settings of the ' +
            'site, or serve the page from the same network. VPNs that map public names to 100.64.0.0/10 are met, too.');
    }
    else if (isNothingOpen && states.indexOf('prompt') >= 0) {
        notes.push('If the address of the server is private, also by a VPN that maps public names to 100.64.0.0/10, the browser asks the ' +
            'user first (Local Network Access), and nothing gets through until the user has agreed.');
    }
    const page = { ...target, url: location.href };
    const allowed = await headerOf(page, 'Connection-Allowlist', clock);
    if (allowed) {
        notes.push(`The page allows itself few addresses (Connection-Allowlist: ${allowed}).`);
    }
    return notes;
}
async function permissionState(name) {
    try {
        return (await navigator.permissions.query({ name: name })).state;
    }
    catch {
        // A browser that does not know the permission, or permissions at all, asks nobody.
        return 'unknown';
    }
}
function headerOf({ url, deadline }, name, clock) {
    return new Promise((resolve) => {
        const done = (value) => {
            stop();
            resolve(value || '');
        };
        const stop = clock.after(deadline, () => done(''));
        fetch(url, { method: 'HEAD' }).then(({ headers }) => done(headers.get(name)), () => done(''));
    });
}

exports.findBodyLimit = findBodyLimit;
exports.findPolicies = findPolicies;
exports.isUpgradeRemoved = isUpgradeRemoved;
exports.whyNoBridge = whyNoBridge;
