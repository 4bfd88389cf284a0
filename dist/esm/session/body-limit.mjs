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
    let isSingle = false;
    let isConfirmed = false;
    /** Whether the status of the last refusal says that the size was the reason. */
    let isCertain = false;
    /** Large bodies whose connection broke, since one has passed. */
    let broken = 0;
    /** Bodies that were not answered, perhaps because their carrier was closed. */
    let unanswered = [];
    const change = (bytes) => {
        limit = bytes;
        isConfirmed = false;
        onChange();
    };
    const halve = (bytes) => {
        broken = 0;
        change(Math.max(SMALLEST_BODY, bytes >> 1));
    };
    return {
        get bytes() {
            return limit;
        },
        get isSingle() {
            return isSingle;
        },
        get isConfirmed() {
            return isConfirmed;
        },
        send(body) {
            unanswered = unanswered.concat(body).slice(-50);
        },
        refuse({ bytes, messages }, status) {
            isCertain = status === TOO_LARGE;
            if (status && !isCertain && SUSPICIOUS.indexOf(status) < 0)
                return false;
            if (!status) {
                // A small body is not the reason why its connection breaks, and one connection may break by accident.
                if (bytes > SMALLEST_BODY && ++broken > 1)
                    halve(bytes);
                return false;
            }
            unanswered.forEach((body) => body.bytes >= bytes && body.takeBack());
            unanswered = unanswered.filter((body) => body.bytes < bytes);
            if (bytes > SMALLEST_BODY)
                halve(bytes);
            else if (messages > 1)
                isSingle = true;
            // Volatile messages alone are dropped.
            else if (messages)
                change(0);
            return true;
        },
        refuseBare() {
            // A box that refuses every body has no limit, unless it says so.
            if (!limit && !isCertain)
                change(Infinity);
        },
        pass(bytes, passed) {
            unanswered = unanswered.filter((body) => body !== passed);
            if (bytes > SMALLEST_BODY)
                broken = 0;
            if (!limit)
                isConfirmed = true;
        },
        tryAgain() {
            if (!limit)
                change(SMALLEST_BODY);
        },
        forget() {
            limit = Infinity;
            isSingle = isConfirmed = false;
            unanswered = [];
            broken = 0;
        },
    };
}

export { SMALLEST_BODY, createBodyLimit };
//# sourceMappingURL=body-limit.mjs.map
