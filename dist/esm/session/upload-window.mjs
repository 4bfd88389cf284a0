/**
 * How much may be on its way up on one carrier. A browser's socket takes everything at once, and on a slow line heartbeats
 * and other messages would wait behind it for minutes. So a carrier gets as much as the line brings up in a second.
 */
/** Milliseconds of what may be on its way. */
const INTERVAL = 1000;
/** On any line, the next packet goes when less than half of one is on its way. */
function createUploadWindow(clock, packetSize) {
    let packets = [];
    let underWay = 0;
    let lastReceivedAt = 0;
    /** Bytes that were received in this interval, and in the one before. */
    let received = 0;
    let receivedBefore = 0;
    let intervalEndsAt = 0;
    const isUpTo = (place, other) => place.sequence < other.sequence ||
        (place.sequence === other.sequence && place.offset <= other.offset);
    return {
        hasRoom: () => underWay < Math.max(packetSize.bytes() / 2, received, receivedBefore),
        add({ sequence, offset }, bytes) {
            packets = packets.concat({ sequence, offset, bytes, sentAt: clock.now() });
            underWay += bytes;
        },
        receive(place) {
            if (clock.now() >= intervalEndsAt) {
                receivedBefore = clock.now() < intervalEndsAt + INTERVAL ? received : 0;
                received = 0;
                intervalEndsAt = clock.now() + INTERVAL;
            }
            const now = clock.now();
            let bytes = 0;
            // A packet waits for the one before it, so its own time begins when that has arrived.
            const began = Math.max(packets[0]?.sentAt || 0, lastReceivedAt);
            while (packets[0] && isUpTo(packets[0], place)) {
                bytes += packets[0].bytes;
                packets = packets.slice(1);
            }
            if (!bytes)
                return;
            underWay -= bytes;
            received += bytes;
            lastReceivedAt = now;
            packetSize.took(bytes, now - began);
        },
        clear() {
            packets = [];
            underWay = 0;
        },
    };
}

export { createUploadWindow };
//# sourceMappingURL=upload-window.mjs.map
