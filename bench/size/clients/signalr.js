import { HubConnectionBuilder } from '@microsoft/signalr'

export function open(url, { onMessage, onState }) {
  const connection = new HubConnectionBuilder().withUrl(url).withAutomaticReconnect().build()
  connection.on('message', onMessage)
  connection.onreconnecting(() => onState('reconnecting'))
  connection.onreconnected(() => onState('open'))
  connection.onclose(() => onState('closed'))
  void connection.start().then(
    () => onState('open'),
    () => onState('closed'),
  )
  return { send: (data) => connection.send('message', data), close: () => connection.stop() }
}
