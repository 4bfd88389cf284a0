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
    const { user, about, protocol = null } = session
    const { url = null, meta = null } = about
    session.send({ user, url, protocol, meta })
  },
}

export const echo = {
  /** The user whom a token names; `''` is nobody in particular, and `undefined` is refused. */
  authenticate(token = '') {
    if (token === 'refuse') return undefined
    return /^(?:user|brief):(.*)$/s.exec(token)?.[1] ?? ''
  },

  /** Milliseconds that a token is good for. */
  tokenLifetime: (token = '') => (token.startsWith('brief:') ? 1_000 : undefined),

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
