'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('./platform/engine.cjs');

function createTokenSource(auth) {
    let isExhausted = false;
    return {
        get(onToken, onFailure) {
            if (isExhausted)
                onFailure('unauthorized');
            else if (typeof auth !== 'function')
                onToken(auth);
            else
                engine.callAsync(auth, onToken, (error) => onFailure(`auth: ${String(error)}`));
        },
        onRefused() {
            isExhausted = typeof auth === 'string';
        },
        isExhausted: () => isExhausted,
    };
}

exports.createTokenSource = createTokenSource;
