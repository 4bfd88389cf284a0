/** The state of the connection, in words. */
const WORDS = {
  connecting: 'Connecting …',
  open: 'Connected',
  reconnecting: 'Connection lost, trying again …',
  closed: 'Disconnected. Reload the page to come back.',
}

export function showState(node, state) {
  node.textContent = WORDS[state] ?? state
  node.dataset.state = state
  document.title = state === 'open' ? 'Chat' : `Chat (${state})`
}
