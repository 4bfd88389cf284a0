/** Connects under a name, and shows the socket to every part of the page. */
import { connect } from '../dist/rungs.min.mjs'
import { showChat } from './chat.js'
import { $ } from './dom.js'
import { showLadder } from './ladder.js'
import { showLive } from './live.js'
import { showLog } from './log.js'
import { showNetwork } from './network.js'
import { showProof } from './proof.js'
import { showStatus } from './status.js'

const NAMES = [
  'Ada',
  'Alan',
  'Annie',
  'Barbara',
  'Dennis',
  'Edsger',
  'Frances',
  'Grace',
  'Hedy',
  'Joan',
  'Karen',
  'Ken',
  'Lynn',
  'Margaret',
  'Radia',
  'Tim',
]

let socket

function join(name) {
  socket?.close(1000, 'joined under another name')
  // `resume` keeps the session over a reload, so the name must outlive it as well.
  sessionStorage.setItem('name', name)
  socket = connect('/rungs', { auth: name, resume: true })
  for (const show of [showLog, showStatus, showLadder, showNetwork, showProof, showLive, showChat])
    show(socket, name)
  $('name').value = name
  document.title = `${name} · Rungs demo`
  // For whoever opens the console.
  Object.assign(window, { socket })
}

$('who').onsubmit = (event) => {
  event.preventDefault()
  join($('name').value)
  $('text').focus()
}

join(sessionStorage.getItem('name') ?? NAMES[Math.floor(Math.random() * NAMES.length)])
