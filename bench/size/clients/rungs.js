import { connect } from 'rungs'

export function open(url, { onMessage, onState }) {
  const socket = connect(url)
  socket.onMessage(onMessage)
  socket.onState(({ state }) => onState(state))
  return { send: (data) => socket.send(data), close: () => socket.close() }
}
