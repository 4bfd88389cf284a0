/** How slowly a packet may come, whatever carries it. Half a packet is kept meanwhile. */

/** Milliseconds without a byte after which a packet is given up (PROTOCOL.md 3.2). */
export const STALL_TIME = 10_000
/** Milliseconds that a packet may take besides those for its bytes: outages, and lines that are congested. */
const CREDIT = 30_000
/** Bytes that come in a second on the slowest line that is served. */
const MIN_RATE = 500

/** Milliseconds in which so many bytes have to be here. */
export function timeFor(bytes: number): number {
  return CREDIT + (bytes * 1_000) / MIN_RATE
}
