/** What the ladder says, for visitors. docs/reasons.md has the same for support staff. */
const WORDS = {
  opened: 'it works',
  preferred: 'the better choice',
  beaten: 'not needed any more',
  unused: 'not on the ladder any more',
  stopped: 'closed here',
  deadline: 'no answer in time',
  silent: 'it went silent',
  stalled: 'messages got stuck',
  'not-received': 'no receipt',
  unreachable: 'no connection',
  'stream-ended': 'the stream broke off',
  malformed: 'answers make no sense',
  'no-ticket': 'no ticket for a stream',
  'no-slot': 'taken by other tabs',
  network: 'the network changed',
  'page-cache': 'the page is back',
  reset: 'a new session began',
  draining: 'the server goes away',
  superseded: 'a newer one took over',
}

/** Reasons of ours: an attempt that was not needed any more has not failed. */
const GIVEN_UP = ['beaten', 'unused', 'stopped', 'preferred', 'page-cache', 'reset', 'network']

/** @param {import('../dist/rungs.min.mjs').Attempt | undefined} attempt */
export const failed = (attempt) => !!attempt?.reason && !GIVEN_UP.includes(attempt.reason)

/**
 * @param {string} reason
 * @param {boolean} [carried] Whether it had worked before.
 */
export function inWords(reason, carried = true) {
  const [, status] = /^http-(\d+)$/.exec(reason) ?? []
  if (status) return `answered with ${status}`
  if (/^closed-\d+$/.test(reason)) return carried ? 'the connection broke' : 'it does not open'
  return Object.hasOwn(WORDS, reason) ? WORDS[reason] : reason
}
