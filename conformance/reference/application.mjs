/** The application that conformance/README.md describes: an echo, with some words that do something else. */
import { setTimeout as delay } from 'node:timers/promises'
import { End } from './ends.mjs'

const COMMANDS = {
  slow: async (session) => {
    await delay(1_000)
    session.send('slow')
  },
  fail: () => {
    throw new Error('as you wish')
  },
  'close me': (session) => session.end(new End('closed', 'as you wish', { code: 4_321 })),
  volatile: (session) => session.sendVolatile('volatile'),
  'about me': (session) => {
    const { url = null, protocols = null, meta = null } = session.about
    session.send({ user: session.user, url, protocols, meta })
  },
  'new token': (session) => session.askForToken(),
}

export const echo = {
  /** The user whom a token names; `''` is nobody in particular, and `undefined` is refused. */
  authenticate(token = '') {
    if (token === 'refuse') return undefined
    return token.startsWith('user:') ? token.slice('user:'.length) : ''
  },

  chooseProtocol: (protocols) => protocols.find((each) => each === 'conformance'),

  /** Called once for each session, before its messages. */
  open(session) {
    if (session.user.startsWith('greeted')) session.send('welcome')
  },

  /** Called for each message, one after the other. */
  message(session, { data }) {
    const isCommand = typeof data === 'string' && Object.hasOwn(COMMANDS, data)
    return isCommand ? COMMANDS[data](session) : session.send(data)
  },

  mayRelay: (users) => users.every((user) => user.startsWith('friend')),
}
