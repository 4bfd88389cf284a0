/** Numbered messages, echoed by the server: none may be lost, repeated or out of order, whatever the network does. */
import { $, make } from './dom.js'
import { title } from './ladder.js'
import { createTally } from './tally.js'

const BURST = 100
/** Milliseconds from one to the next, so that there is time to break something. */
const GAP = 30

const dots = Array.from({ length: BURST }, () => make('i'))
$('dots').append(...dots)
const cells = document.querySelectorAll('[data-count]')

let timer

export function showProof(socket) {
  // Echoes for the page as it was before a reload are not ours to count.
  const run = `${Date.now()}-${Math.random()}`
  const tally = createTally()
  let wanted = 0
  let sent = 0
  let accepted = 0
  /** What has carried since the burst began. @type {string[]} */
  let carriers = []
  let outages = 0
  let handedBack = ''

  const judge = () => {
    const { lost, repeated, reordered } = tally.counts
    if (wanted === 0) return ['idle', 'Press Burst, then break the network while they fly.']
    if (lost + repeated + reordered > 0)
      return ['bad', handedBack || 'This must not happen. Please report it.']
    if (tally.different < wanted) return ['busy', 'Under way …']
    const through =
      outages > 0 ? `, through ${outages} ${outages === 1 ? 'outage' : 'outages'}` : ''
    return [
      'good',
      `All ${wanted} came back, once and in order, over ${carriers.map(title).join(' → ')}${through}.`,
    ]
  }

  const fate = (number) => {
    const echo = tally.fate(number)
    if (echo !== 'waiting') return echo
    return number <= accepted ? 'accepted' : number <= sent ? 'sent' : ''
  }

  const render = () => {
    const before = Math.max(0, wanted - BURST)
    dots.forEach((dot, i) => (dot.className = fate(before + i + 1)))
    const counts = { sent, accepted, ...tally.counts }
    for (const cell of cells) {
      cell.textContent = counts[cell.dataset.count]
      cell.parentElement.dataset.value = cell.textContent
    }
    const [state, words] = judge()
    $('proof').dataset.state = state
    // A live region is read out whenever it is written.
    if ($('verdict').textContent !== words) $('verdict').textContent = words
  }

  const send = () => {
    try {
      socket.send({ kind: 'number', run, number: sent + 1 })
    } catch {
      return // The buffer is full, or the socket closed meanwhile: the next turn will find out.
    }
    sent++
    socket.drained().then(
      () => {
        accepted++
        render()
      },
      () => {}, // The session ended: `onReset` and `onState` say so.
    )
    if (sent === wanted) clearInterval(timer)
    render()
  }

  const giveUp = (words) => {
    handedBack = words
    tally.giveUp(sent)
    render()
  }

  clearInterval(timer)
  $('burst').onclick = () => {
    if (tally.different === wanted) {
      carriers = socket.transport ? [socket.transport] : []
      outages = 0
    }
    wanted += BURST
    clearInterval(timer)
    timer = setInterval(send, GAP)
  }

  socket.onMessage((data) => {
    if (data?.kind !== 'number' || data.run !== run) return
    tally.receive(data.number)
    render()
  })
  socket.onTransport(({ transport, previous }) => {
    if (tally.different === wanted) return
    if (!transport) outages += previous ? 1 : 0
    else if (transport !== carriers.at(-1)) carriers.push(transport)
  })
  socket.onReset(({ reason }) =>
    giveUp(`The server lost the session (${reason}) and said so: nothing is lost in silence.`),
  )
  socket.onState(({ state, reason }) => {
    if (state !== 'closed') return
    clearInterval(timer)
    giveUp(`The socket was closed (${reason}).`)
  })
  render()
}
