/** The chat: to everyone through the server's handler, to chosen people through its `relay` hook. */
import { $, clock, make, press } from './dom.js'

const MOST = 200

/** Ids of own messages: of this page alone, for what was said before a reload is not on it. */
const page = Math.random().toString(36).slice(2)
let ids = 0

export function showChat(socket, me) {
  /** Names by session. @type {Map<string, string>} */
  const names = new Map()
  /** Whom the next message is for; nobody: everyone. Who leaves stays chosen, and the message is refused. */
  const chosen = new Set()

  const others = () =>
    [...new Set([...names.values(), ...chosen])].filter((name) => name !== me).sort()

  const chip = (name, pressed, toggle, gone = false) => {
    const button = make(
      'button',
      { type: 'button', onclick: toggle, className: gone ? 'gone' : '' },
      name,
    )
    if (gone) button.append(make('small', {}, ' has left'))
    press(button, pressed)
    return button
  }

  const renderPeople = () => {
    const here = [...names.values()]
    const focused =
      $('to').contains(document.activeElement) &&
      [...$('to').children].indexOf(document.activeElement)
    $('to').replaceChildren(
      chip(
        others().length > 0 ? 'Everyone' : 'Everyone (only you: open a second tab)',
        chosen.size === 0,
        () => {
          chosen.clear()
          renderPeople()
        },
      ),
      ...others().map((name) =>
        chip(
          name,
          chosen.has(name),
          () => {
            if (!chosen.delete(name)) chosen.add(name)
            renderPeople()
          },
          !here.includes(name),
        ),
      ),
    )
    // The chips are new ones; the focus stays where it was.
    if (focused !== false)
      $('to').children[Math.min(focused, $('to').childElementCount - 1)].focus()
    $('text').placeholder = chosen.size > 0 ? `Only to ${[...chosen].join(' and ')}` : 'To everyone'
  }

  const show = (name, text, to, id) => {
    const bubble = make(
      'article',
      { className: id ? 'own' : '' },
      make(
        'header',
        {},
        make('b', {}, name),
        to ? make('span', { className: 'to' }, to) : '',
        make('time', {}, clock()),
      ),
      make('p', {}, text),
      id ? make('small', { className: 'fate', id }, 'on its way …') : '',
    )
    $('said').append(bubble)
    if ($('said').childElementCount > MOST) $('said').firstElementChild.remove()
    $('said').scrollTop = $('said').scrollHeight
  }

  const decide = (id, words, kind) => {
    const fate = $(id)
    // Old ones are gone from the page.
    if (!fate) return
    fate.textContent = words
    fate.dataset.kind = kind
  }

  const say = (text) => {
    const id = `${page}-${++ids}`
    const to = [...chosen]
    show(me, text, to.length > 0 ? `only to ${to.join(' and ')}` : '', id)
    try {
      socket.send({ kind: 'say', id, text }, to.length > 0 ? { to } : {})
      socket.drained().then(
        // A refusal is an answer, too: it says more than that the message was taken.
        () => $(id)?.dataset.kind !== 'refused' && decide(id, '✓ accepted', 'accepted'),
        () => {}, // The listeners below tell what became of it.
      )
    } catch (error) {
      decide(id, `Not sent: ${error.message}`, 'refused')
    }
  }

  $('say').onsubmit = (event) => {
    event.preventDefault()
    say($('text').value)
    $('text').value = ''
  }

  socket.onMessage((data, { from }) => {
    if (from) {
      // Another client's message, as it is: the server vouches for `from` alone.
      if (data?.kind === 'say')
        show(names.get(from) ?? 'Somebody who left', String(data.text), 'only to you')
    } else if (data.kind === 'said') {
      if (data.from !== socket.id) show(data.name, String(data.text), '')
    } else if (data.kind === 'people') {
      names.clear()
      for (const { id, name } of data.people) names.set(id, name)
      renderPeople()
    }
  })
  socket.onRefused(({ data, to }) =>
    decide(
      data.id,
      `Refused: ${to.join(' and ')} ${to.length > 1 ? 'are' : 'is'} not here`,
      'refused',
    ),
  )
  const handedBack = ({ unsent, inDoubt }, words, kind) => {
    for (const { data } of unsent) decide(data.id, words, kind)
    for (const { data } of inDoubt)
      decide(data.id, 'In doubt: the server may or may not have got it', 'refused')
  }
  socket.onReset((event) => handedBack(event, 'Sent again in a new session', 'again'))
  socket.onState((event) => {
    if (event.state === 'closed') handedBack(event, 'Not sent: the socket was closed', 'refused')
  })

  // A session that was resumed after a reload is not announced again.
  socket.send({ kind: 'who' })
  renderPeople()
}
