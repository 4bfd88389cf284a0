/** The application: who is here, what they say, and an echo that counts. All that it knows of the network is its hub. */
import { attach } from '@rungs/server'

const NAME = /^\S(.{0,22}\S)?$/u
/** Whoever checks the network is nobody to talk to. */
const CHECK = 'Network check'

/** @param {import('node:http').Server} server */
export function openChat(server) {
  /** Names by session: somebody may be here in two tabs. @type {Map<string, string>} */
  const here = new Map()

  const hub = attach(server, {
    // Here you are who you say you are. An application would check a signed token instead.
    authenticate: (_, token = '') => (NAME.test(token) ? token : null),
    // A message to chosen people goes straight to them, if all of them are here.
    relay: (_, to) => to.every((name) => [...here.values()].includes(name)),
    // Short, so that nobody has to wait long for a silence to be noticed.
    heartbeat: 5_000,
  })

  const people = () => ({ kind: 'people', people: [...here].map(([id, name]) => ({ id, name })) })

  hub.onOpen((session) => {
    if (session.user === CHECK) return
    here.set(session.id, session.user)
    hub.broadcast(people())
  })
  hub.onClose((session) => {
    if (here.delete(session.id)) hub.broadcast(people())
  })
  hub.onMessage((data, session) => {
    if (data?.kind === 'say')
      hub.broadcast({
        kind: 'said',
        id: data.id,
        text: data.text,
        from: session.id,
        name: session.user,
      })
    if (data?.kind === 'who') session.send(people())
    if (data?.kind === 'number') session.send(data)
  })
  return hub
}
