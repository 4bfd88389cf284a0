import { io } from 'socket.io-client'

export function open(url, { onMessage, onState }) {
  const socket = io({ path: url })
  socket.on('connect', () => onState('open'))
  socket.on('message', onMessage)
  socket.on('disconnect', () => onState(socket.active ? 'reconnecting' : 'closed'))
  return { send: (data) => socket.emit('message', data), close: () => socket.close() }
}
