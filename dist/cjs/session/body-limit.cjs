'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

/**
 * Boxes on the way that refuse large bodies of requests: 1 MB is nginx's default, some firewalls take 8 KB. A body that was refused is
 * halved, until it passes.
 */
/** Bytes of the smallest body with messages that is tried. */
const SMALLEST_BODY = 2048;
/** HTTP status of a body that is too large (RFC 9110, 15.5.14), and others that boxes use for it. */
const TOO_LARGE = 413;
const SUSPICIOUS = [400, 403];
/** `known`: bytes that were learned before. `onChange`: they are to be remembered. */
function createBodyLimit(known = Infinity, onChange = () => { }) {
    let limit = known;
    /** Large bodies whose connection broke, since one has passed. */
    let broken = 0;
    const change = (bytes) => {
        limit = bytes;
        onChange();
    };
    return {
        get bytes() {
            return limit;
        },
        refuse(bytes, status) {
            const isCertain = status === TOO_LARGE;
            if (bytes <= SMALLEST_BODY) {
                // A box that refuses small bodies for another reason has no limit.
                if (!isCertain && limit <= SMALLEST_BODY)
                    change(Infinity);
                if (isCertain)
                    change(0);
                return isCertain;
            }
            // One connection may break by accident.
            if (!status && ++broken < 2)
                return false;
            if (status && !isCertain && SUSPICIOUS.indexOf(status) < 0)
                return false;
            broken = 0;
            change(Math.max(SMALLEST_BODY, bytes >> 1));
            return status > 0;
        },
        pass(bytes) {
            if (bytes > SMALLEST_BODY)
                broken = 0;
        },
        forget() {
            limit = Infinity;
            broken = 0;
        },
    };
}

exports.SMALLEST_BODY = SMALLEST_BODY;
exports.createBodyLimit = createBodyLimit;
