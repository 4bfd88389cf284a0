/** The network check: runs the diagnosis and shows what comes out, row by row. */
import { diagnose } from '../dist/diagnose.min.mjs'
import { $, make } from './dom.js'

/** Best first, as the check tries them. */
const TITLES = {
  websocket: 'WebSocket',
  sse: 'SSE',
  'long-poll': 'Long poll',
  'short-poll': 'Short poll',
  'forever-iframe': 'Forever iframe',
}
const FLOWS = {
  flowing: 'at once',
  lagging: 'one late',
  buffered: 'at the end',
}
/** The chat shows nobody of this name. */
const NAME = 'Network check'

const rows = new Map()
/** Stops the check that runs. @type {AbortController | undefined} */
let running

for (const [name, title] of Object.entries(TITLES)) {
  const cells = ['Result', 'Opens in', 'Round trip', 'Messages'].map((label) => {
    const cell = make('td', { role: 'cell' })
    cell.dataset.label = label
    return cell
  })
  const head = make('th', { role: 'rowheader', scope: 'row' }, title)
  const row = make('tr', { role: 'row' }, head, ...cells)
  rows.set(name, { row, cells })
  $('transports').append(row)
}

/** @param {string} name @param {string} state @param {string} verdict */
function show(name, state, verdict, { hello = null, rtt = null, flow = null } = {}) {
  const { row, cells } = rows.get(name)
  row.dataset.state = state
  const texts = [verdict, time(hello), time(rtt), FLOWS[flow] ?? '–']
  cells.forEach((cell, i) => cell.replaceChildren(texts[i]))
}

const time = (ms) => (ms === null ? '–' : `${ms} ms`)

/** The verdict without the name, which stands beside it. */
function sentence({ transport, verdict }) {
  const words = verdict.slice(TITLES[transport].length + 2)
  return words[0].toUpperCase() + words.slice(1)
}

function progress({ transport, turn, of, result }) {
  $('progress').max = of
  $('progress').value = result ? turn : turn - 0.5
  if (!result) {
    $('summary').textContent = `Trying ${TITLES[transport]}, ${turn} of ${of} …`
    show(transport, 'trying', 'Trying …')
  } else {
    const state = { null: 'works', aborted: 'waiting' }[result.problem] ?? 'broken'
    show(transport, state, sentence(result), result)
  }
}

async function run() {
  running = new AbortController()
  document.body.dataset.state = 'running'
  $('run').textContent = 'Stop'
  $('copy').disabled = true
  $('text').textContent = ''
  for (const name of rows.keys()) show(name, 'waiting', 'Waiting')

  const report = await diagnose('/rungs', {
    auth: NAME,
    silence: $('silence').checked ? 1 : 0,
    signal: running.signal,
    onProgress: progress,
  })
  running = undefined
  document.body.dataset.state = report.use ? 'good' : 'bad'
  $('run').textContent = 'Check again'
  $('summary').textContent = report.summary
  $('text').textContent = report.text
  $('copy').disabled = false
}

async function copy() {
  const text = $('text')
  try {
    await navigator.clipboard.writeText(text.textContent)
    $('copy').textContent = 'Copied'
    setTimeout(() => ($('copy').textContent = 'Copy as text'), 2_000)
  } catch {
    // Only secure pages may write to the clipboard: then it is selected, to be copied by hand.
    text.closest('details').open = true
    getSelection().selectAllChildren(text)
    text.focus()
  }
}

$('run').onclick = () => (running ? running.abort() : run())
$('copy').onclick = copy
run()
