/** State changes, newest first, each with its time. */
import { $, clock, make } from './dom.js'
import { title } from './ladder.js'
import { inWords } from './reasons.js'

const MOST = 200

function note(kind, ...words) {
  const line = make(
    'li',
    { className: kind },
    make('time', {}, clock()),
    make('span', {}, ...words),
  )
  $('log').prepend(line)
  if ($('log').childElementCount > MOST) $('log').lastElementChild.remove()
}

const named = (name) => (name ? title(name) : 'nothing')

/** @param {import('../dist/rungs.min.mjs').Attempt} attempt */
const failure = ({ transport, reason, opened }) =>
  `${title(transport)}: ${inWords(reason, opened !== undefined)} (${reason})`

export function showLog(socket, name) {
  note('', `Connecting as ${name}`)
  socket.onState(({ state, reason }) => note('', make('b', {}, state), ` · ${inWords(reason)}`))
  socket.onTransport(({ transport, previous, reason }) => {
    // Another rung was tried in vain.
    const still = transport === previous
    const tried = still && socket.attempts.findLast((attempt) => attempt.reason === reason)
    note(
      transport ? 'carries' : 'lost',
      still ? 'still ' : previous ? `${named(previous)} → ` : '',
      make('b', {}, named(transport)),
      ...(tried ? [] : [` · ${inWords(reason)}`]),
      make('small', {}, tried ? failure(tried) : reason),
    )
  })
  socket.onReset(({ reason, unsent, inDoubt }) => {
    note(
      'lost',
      make('b', {}, 'reset'),
      ` · ${reason} · ${unsent.length} sent again, ${inDoubt.length} in doubt`,
    )
  })
}
