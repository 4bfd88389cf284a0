import { callAsync } from './platform/engine.mjs';
import { MAX_TOKEN } from './protocol/packets.mjs';

/** Milliseconds that a function has for its answer. One that hangs is a failed attempt. */
const DEADLINE = 10000;
function createTokenSource(auth, clock) {
    let isExhausted = false;
    /** Carriers that wait for the call that runs. */
    let waiting = [];
    const callAuth = (getToken) => {
        const ours = waiting;
        const settle = (tell) => {
            if (waiting !== ours)
                return;
            cancelDeadline();
            waiting = [];
            ours.forEach(tell);
        };
        const fail = (reason) => settle(([, onFailure]) => onFailure(`auth: ${reason}`));
        const cancelDeadline = clock.after(DEADLINE, () => fail(`no answer for ${DEADLINE} ms`));
        callAsync(getToken, (token) => {
            if (token == null)
                settle(([onToken]) => onToken());
            else if (typeof token === 'string' && token.length <= MAX_TOKEN)
                settle(([onToken]) => onToken(token));
            else
                fail(`no token of up to ${MAX_TOKEN} characters`);
        }, (error) => fail(String(error)));
    };
    return {
        get(onToken, onFailure) {
            if (isExhausted)
                onFailure('unauthorized');
            else if (typeof auth !== 'function')
                onToken(auth);
            else if (waiting.push([onToken, onFailure]) === 1)
                callAuth(auth);
        },
        onRefused() {
            isExhausted = typeof auth === 'string';
        },
        isExhausted: () => isExhausted,
    };
}

export { createTokenSource };
//# sourceMappingURL=auth.mjs.map
