/** Limits of what a flood may do to a neighbour, and to the memory of the server. */
export const BUDGETS = {
  /** Milliseconds of its processor for which the server may hold its event loop (99th percentile by time): so long a neighbour waits. */
  held: 20,
  /** Milliseconds of the neighbour's p99. More is a complaint only if it is so many times as much as beside a process that is as busy. */
  p99: 20,
  ratio: 3,
  /** Bytes by which the peak of the resident memory may be above that of the server with one neighbour. */
  growth: 300e6,
}

/** Complaints about all that is over budget. */
export function problems({ name, flooded, busy, ratio, held, before, rss, ends }) {
  const found = []
  if (held > BUDGETS.held) found.push(`${name}: the event loop is held for ${Math.round(held)} ms`)
  if (!(flooded <= BUDGETS.p99 || ratio <= BUDGETS.ratio)) {
    found.push(
      `${name}: p99 of ${Math.round(flooded)} ms, and ${Math.round(busy)} ms beside a busy process`,
    )
  }
  if (rss - before > BUDGETS.growth) {
    found.push(`${name}: ${Math.round((rss - before) / 1e6)} MB more than before`)
  }
  // Those that read and acknowledge keep their sessions.
  for (const [end, count] of Object.entries(ends)) {
    if (/^(neighbour|room): /.test(end)) found.push(`${name}: ${count} sessions ended (${end})`)
  }
  return found
}
