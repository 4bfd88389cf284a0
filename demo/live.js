/** Two curves of the last minute. */
import { $ } from './dom.js'
import { createPlot } from './plot.js'

/** Milliseconds between two points. */
const STEP = 500
const rtt = createPlot($('rtt'))
const buffered = createPlot($('buffered'))

let timer

export function showLive(socket) {
  const look = () => {
    const { state, rtt: time, bufferedAmount } = socket
    if (state === 'closed') return
    // A round trip is measured when something is sent.
    if (bufferedAmount === 0 && !document.hidden) socket.send({ kind: 'tick' })
    rtt.add(state === 'open' ? time : null)
    buffered.add(bufferedAmount)
    $('rtt-now').textContent =
      time === null ? '–' : `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`
    $('buffered-now').textContent = bytes(bufferedAmount)
  }
  clearInterval(timer)
  timer = setInterval(look, STEP)
  look()
}

const bytes = (number) => (number < 1024 ? `${number} B` : `${(number / 1024).toFixed(1)} KiB`)
