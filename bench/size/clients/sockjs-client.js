import SockJS from 'sockjs-client'

export function open(url, { onMessage, onState }) {
  const socket = new SockJS(url)
  socket.addEventListener('open', () => onState('open'))
  socket.addEventListener('message', ({ data }) => onMessage(JSON.parse(data)))
  socket.addEventListener('close', () => onState('closed'))
  return { send: (data) => socket.send(JSON.stringify(data)), close: () => socket.close() }
}
