/** Limits of what a flood may do to a neighbour, and to the memory of the server. */
export const BUDGETS = {
  /** Milliseconds of its processor for which the server may hold its event loop (99th percentile by time): so long a neighbour waits. */
  held: 20,
  /**
   * Node's HTTP parser calls for each chunk of a body, and takes 10 ms for a read of 64 KB that is chunks of a byte, whatever is done
   * with them. The flood has four connections. A proxy in front that collects bodies stops it.
   */
  heldByFlood: { 'chunks of a byte': 50 },
  /** Milliseconds of the neighbour's p99. More is allowed only where the same work in turns, without a flood, costs it nearly as much. */
  p99: 20,
  ratio: 2,
  /** Milliseconds of the p99 beside that work. More says that the machine has too much else to do, and proves nothing. */
  disturbed: 100,
  /** Bytes by which the peak of the resident memory may be above that of the server with one neighbour. */
  growth: 300e6,
}

/** Complaints about all that is over budget. */
export function problems({ name, flooded, ideal, held, before, rss, ends }) {
  const found = []
  const mostHeld = BUDGETS.heldByFlood[name] ?? BUDGETS.held
  if (!(held <= mostHeld)) found.push(`${name}: the event loop is held for ${Math.round(held)} ms`)
  if (!(flooded <= BUDGETS.p99)) {
    const figures = `p99 of ${Math.round(flooded)} ms, and ${Math.round(ideal)} ms beside the same work in turns`
    if (!(flooded <= BUDGETS.ratio * ideal)) found.push(`${name}: ${figures}`)
    else if (!(ideal <= BUDGETS.disturbed)) found.push(`${name}: cannot be told: ${figures}`)
  }
  if (rss - before > BUDGETS.growth) {
    found.push(`${name}: ${Math.round((rss - before) / 1e6)} MB more than before`)
  }
  // Those that read and acknowledge keep their sessions.
  for (const [end, count] of Object.entries(ends)) {
    if (/^(neighbour|room): (?!left$)/.test(end))
      found.push(`${name}: ${count} sessions ended (${end})`)
  }
  return found
}
