import { callAsync } from './platform/engine.mjs';

function createTokenSource(auth) {
    let isExhausted = false;
    return {
        get(onToken, onFailure) {
            if (isExhausted)
                onFailure('unauthorized');
            else if (typeof auth !== 'function')
                onToken(auth);
            else
                callAsync(auth, onToken, (error) => onFailure(`auth: ${String(error)}`));
        },
        onRefused() {
            isExhausted = typeof auth === 'string';
        },
        isExhausted: () => isExhausted,
    };
}

export { createTokenSource };
//# sourceMappingURL=auth.mjs.map
