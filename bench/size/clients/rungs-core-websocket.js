import { connect, websocket } from 'rungs/core'

export function open(url, { onMessage, onState }) {
  const socket = connect(url, { transports: [websocket] })
  socket.onMessage(onMessage)
  socket.onState(({ state }) => onState(state))
  return { send: (data) => socket.send(data), close: () => socket.close() }
}
