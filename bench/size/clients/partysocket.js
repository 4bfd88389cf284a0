import { WebSocket } from 'partysocket'

export function open(url, { onMessage, onState }) {
  const socket = new WebSocket(url)
  socket.addEventListener('open', () => onState('open'))
  socket.addEventListener('message', ({ data }) => onMessage(JSON.parse(data)))
  socket.addEventListener('close', () => onState('reconnecting'))
  return { send: (data) => socket.send(JSON.stringify(data)), close: () => socket.close() }
}
