'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/** The only error this library throws or rejects with. Switch on `type`; the message says it, and what to do. */
class RungsError extends Error {
    constructor(type, message) {
        super(type + ': ' + message);
        this.name = 'RungsError';
        this.type = type;
    }
}

exports.RungsError = RungsError;
