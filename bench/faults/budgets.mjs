/** The budgets of a first message, and whether the yardsticks can be trusted; README.md has them as a table. */
import { median, ratio } from '../stats.mjs'

/** Milliseconds that the proxy adds each way, and what a round trip costs with it. */
export const DELAY = 25
export const RTT = 2 * DELAY

/** Of a raw WebSocket in the same run, in turns. */
const OF_WEBSOCKET = 1
/** Of the healthy figure. */
const OF_HEALTHY = 1.5

/** Median of the milliseconds; Infinity for a client that most of the time was never usable. */
export const figure = (samples) =>
  samples.length > 0 ? median(samples.map(({ ms = Infinity }) => ms)) : undefined

/** Adds to each scenario its budget: the slower of Rungs' two figures against what it is measured by. */
export const judge = (scenarios) =>
  scenarios.map((scenario) => ({ ...scenario, budget: budget(scenario) }))

function budget({ name, faults, post, samples }) {
  const { rungs, again, websocket, healthy } = samples
  const judged = (against, theirs, most, spared = 0) => {
    const value = Math.max(ratioOf(rungs, theirs, spared), ratioOf(again, theirs, spared))
    return { against, most, ratio: value, passed: value <= most }
  }
  // A line of another speed is no fault: a raw WebSocket on the same line says what is possible.
  const line = ['jitter', 'bandwidth'].some((mode) => mode in faults) || faults.delay !== DELAY
  if (name === 'healthy' || line) return judged('websocket', websocket, OF_WEBSOCKET)
  if (!post) return undefined
  // Where no connection is kept, none is warm: TCP takes one round trip more.
  return judged('healthy', healthy, OF_HEALTHY, 'http-1.0' in faults ? RTT : 0)
}

/** The median of the ratios of neighbours; a client that is never usable is infinitely slow. */
function ratioOf(ours, theirs, spared) {
  const rounds = Math.min(ours.length, theirs.length)
  if (rounds === 0) return Infinity
  const times = (samples) => samples.slice(0, rounds).map(({ ms = Infinity }) => ms)
  return ratio(
    times(ours).map((ms) => ms - spared),
    times(theirs),
  )
}

/** Round trips of the yardsticks: a `POST` on a warm connection; TCP, the upgrade and a message of a raw WebSocket. */
const TRIPS = { fetch: 1, websocket: 3 }

/**
 * What is wrong with the yardsticks, if anything: the figures beside them would mean nothing. The fastest says what the
 * network does, whatever else the machine does.
 */
export function distrust(yardsticks) {
  if (yardsticks.fetch.some(({ connections }) => connections > 0))
    return 'a POST opened a connection: the page was not warm'
  for (const [name, trips] of Object.entries(TRIPS)) {
    const ms = fastest(yardsticks[name])
    if (ms < trips * RTT || ms >= (trips + 1) * RTT)
      return `${name} took ${ms.toFixed(0)} ms at its fastest, not ${trips} × ${RTT}: is the machine busy?`
  }
  return undefined
}

export const fastest = (samples) => Math.min(...samples.map(({ ms = Infinity }) => ms))
