/** When silence means something. Suspicion costs another carrier beside the first and nothing else, so it may come early. */
/** From when on a carrier is suspect, if nothing changes, and of what. */
export type Doubt = readonly [
  at: number,
  reason: 'deadline' | 'silent' | 'stalled' | 'not-received',
]

/**
 * Times are those of the clock, and spans, in milliseconds.
 * @param expected By when a sign of life of the carrier is expected.
 * @param behind Since when messages down are missing whose head the server has named; `Infinity`: none are.
 * @param unreceived Since when the server owes a receipt; `Infinity`: it does not.
 * @param work That what is on its way up before it takes.
 */
export function suspicion(
  expected: number,
  behind: number,
  unreceived: number,
  work: number,
  rtt: number,
): Doubt {
  // Behind some proxies an answer overtakes the event of a stream by 200 ms.
  const stalled = behind + Math.max(1_000, 4 * rtt)
  // Verdicts scale with the work: a large message on a slow line is no silence.
  const owed = unreceived + Math.max(2_000, 4 * rtt) + work
  const at = Math.min(expected, stalled, owed)
  return [at, at === expected ? 'silent' : at === owed ? 'not-received' : 'stalled']
}
