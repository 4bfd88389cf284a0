/** One line: whether there is a connection, and over what. */
import { $ } from './dom.js'
import { title } from './ladder.js'

const WORDS = {
  connecting: 'Connecting',
  open: 'Open',
  reconnecting: 'Reconnecting',
  closed: 'Closed',
}

export function showStatus(socket) {
  const render = () => {
    const { state, transport } = socket
    $('status').textContent = transport
      ? `${WORDS[state]} over ${title(transport)}`
      : `${WORDS[state]}…`
    $('status').dataset.state = state
  }
  socket.onState(render)
  socket.onTransport(render)
  render()
}
