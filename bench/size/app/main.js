/** The application that clients are measured in: a chat. `channel.js` is the client's, everything else is always the same. */
import { open } from './channel.js'
import { createList } from './list.js'
import { load, save } from './settings.js'
import { showState } from './state.js'

const form = document.querySelector('#form')
const name = document.querySelector('#name')
const text = document.querySelector('#text')
const list = createList(document.querySelector('#messages'))

name.value = load('name', 'guest')
name.addEventListener('change', () => save('name', name.value))

const channel = open('/chat', {
  onMessage: (message) => list.add(message),
  onState: (state) => {
    showState(document.querySelector('#state'), state)
    form.querySelector('button').disabled = state === 'closed'
  },
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const body = text.value.trim()
  if (!body) return
  channel.send({ name: name.value, body, time: Date.now() })
  text.value = ''
  text.focus()
})

document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') channel.close()
})
