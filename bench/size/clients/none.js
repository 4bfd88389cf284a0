/** No client: the application says everything to itself. All others are measured by what they add to this. */
export function open(_url, { onMessage, onState }) {
  onState('open')
  return { send: onMessage, close: () => onState('closed') }
}
