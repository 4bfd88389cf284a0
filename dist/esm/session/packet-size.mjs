/**
 * How large packets are. A packet that is cut has to go again from its beginning, and other packets wait behind it, so one takes
 * a line a second or two and not more.
 */
/** Bytes that the first packet up may have: two seconds on the slowest line. */
const FIRST_PACKET = 16384;
/** Bytes that a packet may have on any line. */
const LEAST = 2048;
/** Milliseconds: a packet that takes less may be followed by one twice as large, and one that takes more by one of half the size. */
const QUICK = 1500;
const SLOW = 3000;
/** `most`: the server's limit. */
function createPacketSize(first, most) {
    let wanted = first;
    const bytes = () => Math.min(wanted, most());
    const shrink = () => {
        wanted = Math.max(Math.floor(bytes() / 2), LEAST);
    };
    return {
        bytes,
        took(taken, ms) {
            const size = bytes();
            // A small packet says how far the server is, and not how fast the line.
            if (taken < size / 2)
                return;
            const each = ms * Math.min(1, size / taken);
            if (each < QUICK)
                wanted = Math.min(2 * size, most());
            else if (each > SLOW)
                shrink();
        },
        wasCut(ms) {
            if (ms > SLOW)
                shrink();
        },
    };
}

export { FIRST_PACKET, createPacketSize };
//# sourceMappingURL=packet-size.mjs.map
