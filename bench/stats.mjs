export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * How ours compares with theirs: the median of the ratios of neighbours. What disturbs the machine for seconds hits both
 * of a pair, and drops out; in a ratio of medians it would not.
 */
export function ratio(ours, theirs) {
  return median(ours.map((value, index) => value / theirs[index]))
}
