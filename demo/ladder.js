/** The ladder as a picture, and the buttons that force a rung. */
import { detect } from '../dist/rungs.min.mjs'
import { $, make, press } from './dom.js'
import { failed, inWords } from './reasons.js'

const RUNGS = {
  websocket: ['WebSocket', 'frames both ways'],
  sse: ['SSE', 'an event stream down, POSTs up'],
  'long-poll': ['Long poll', 'a POST that waits for news'],
  'short-poll': ['Short poll', 'a POST now and then'],
  'forever-iframe': ['Forever iframe', 'a page that never ends'],
}
const NAMES = Object.keys(RUNGS)

/** @param {string} name */
export const title = (name) => RUNGS[name][0]

const supported = detect()

const rungs = NAMES.map((name) => {
  const state = make('span', { className: 'state' })
  const button = make(
    'button',
    { type: 'button', disabled: !supported[name] },
    make('strong', {}, title(name)),
    state,
    make('small', {}, RUNGS[name][1]),
  )
  $('rungs').append(make('li', {}, button))
  return { name, button, state }
})

export function showLadder(socket) {
  let forced = null

  const stateOf = (name) => {
    if (!supported[name]) return ['missing', 'not in this browser']
    if (name === socket.transport) return ['carries', 'carries']
    if (forced && name !== forced) return ['aside', 'set aside']
    const last = socket.attempts.findLast(({ transport }) => transport === name)
    if (last && !last.reason) return ['trying', 'trying…']
    if (failed(last))
      return ['failed', inWords(last.reason, last.opened !== undefined), last.reason]
    return ['ready', 'ready']
  }

  const render = () => {
    for (const { name, button, state } of rungs) {
      const [kind, words, reason = ''] = stateOf(name)
      button.dataset.state = kind
      state.textContent = words
      // The pill may be too narrow for the words; a support ticket has the term.
      state.title = reason && `${words} (${reason})`
      press(button, name === forced)
    }
    press($('whole'), !forced)
    const at = NAMES.indexOf(socket.transport)
    $('climber').style.setProperty('--at', at < 0 ? NAMES.length : at)
    $('climber').dataset.carries = at >= 0
  }

  const use = (name) => {
    forced = name
    socket.setTransports(name ? [name] : NAMES.filter((each) => supported[each]))
    render()
  }

  for (const { name, button } of rungs) button.onclick = () => use(name)
  $('whole').onclick = () => use(null)
  socket.onTransport(render)
  socket.onState(render)
  render()
}
