import { Socket } from 'engine.io-client'

export function open(url, { onMessage, onState }) {
  const socket = new Socket({ path: url })
  socket.on('open', () => onState('open'))
  socket.on('message', (text) => onMessage(JSON.parse(text)))
  socket.on('close', () => onState('closed'))
  return { send: (data) => socket.send(JSON.stringify(data)), close: () => socket.close() }
}
