/** Results as Markdown. */
import { fastest, figure, RTT } from './budgets.mjs'

const PEERS = {
  websocket: 'WebSocket',
  'socket.io': 'Socket.IO',
  'socket.io, WebSocket only': 'Socket.IO, WebSocket only',
  sockjs: 'SockJS',
  signalr: 'SignalR',
}

const LEGEND = `Time from \`connect\` to the first message echoed, RTT ${RTT} ms, on a page whose connection is warm. Beside the time of
another client: how many times that of Rungs. *never*: not within 20 s; *fails*: it gave up before. "Again" is the next visit of
the same page, when Rungs knows the network. SignalR is its own client against a server of ours that speaks its protocol: it
negotiates by \`POST\`, then takes WebSocket, SSE, long polling, and gives none of them a deadline of its own.`

export function tables(scenarios, yardsticks, { node, browser, cpus, cpu, load }, rounds) {
  const least = (name) => fastest(yardsticks[name]).toFixed(0)
  return [
    `Node ${node}, ${browser}, ${cpus} × ${cpu}, load ${load.toFixed(1)} at the start, median of ${rounds}`,
    `Yardsticks, at their fastest: a POST on a warm connection ${least('fetch')} ms (1 RTT), a new WebSocket and its first message ${least('websocket')} ms (3 RTT)`,
    LEGEND,
    markdown(
      ['network', 'Rungs', 'again', ...Object.values(PEERS)],
      scenarios.map(({ name, samples }) => [
        name,
        ms(samples.rungs),
        ms(samples.again),
        ...Object.keys(PEERS).map((peer) => compared(samples[peer], samples.rungs)),
      ]),
    ),
    'What Rungs did; requests and new connections until the ladder had settled.',
    markdown(
      ['network', 'budget', 'first message over', 'again', 'settles on', 'requests', 'connections'],
      scenarios.map(({ name, samples, settled, budget }) => [
        name,
        judged(budget),
        transports(samples.rungs),
        transports(samples.again),
        settled.transport ?? '–',
        settled.requests,
        settled.connections,
      ]),
    ),
  ].join('\n\n')
}

function ms(samples) {
  const value = figure(samples)
  if (value === undefined) return '–'
  if (value === Infinity) return samples.some(({ never }) => never) ? 'never' : 'fails'
  return value < 10_000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(0)} s`
}

function compared(theirs, ours) {
  const times = figure(theirs) / figure(ours)
  return times < Infinity && times > 0 ? `${ms(theirs)}, ${times.toPrecision(2)} ×` : ms(theirs)
}

function judged(budget) {
  if (!budget) return ''
  const { ratio, most, against, passed } = budget
  const what = against === 'websocket' ? 'WebSocket' : 'healthy'
  const value = ratio < Infinity ? `${ratio.toFixed(2)} × ${what}` : 'never'
  return `${value}, ${passed ? 'PASS' : 'FAIL'} (≤ ${most})`
}

/** Those that carried when the first message was there, most rounds first. */
function transports(samples) {
  const seen = samples
    .filter(({ ms: usable }) => usable)
    .map(({ transport }) => transport ?? 'exchange')
  return [...new Set(seen)].join(', ') || '–'
}

function markdown(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
