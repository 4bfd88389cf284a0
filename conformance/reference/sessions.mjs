/** All sessions of the server, the keys of those that have ended, and the tickets for streams (PROTOCOL.md 6.1, 6.4, 3.4). */
import { randomBytes } from 'node:crypto'
import { End } from './ends.mjs'
import { LIFETIME, MAX_SESSIONS, TICKET_LIFETIME } from './limits.mjs'
import { REFUSED } from './messages.mjs'
import { Session } from './session.mjs'

export class Sessions {
  #byKey = new Map()
  /** The ends of sessions, by their keys. */
  #ended = new Map()
  #tickets = new Map()
  #application
  #settings
  #sweep = setInterval(() => this.#sweepAll(), 500)

  /** @param {{ bound?: boolean, tags?: boolean }} settings */
  constructor(application, settings) {
    this.#application = application
    this.#settings = settings
  }

  withKey(key) {
    return this.#byKey.get(key)
  }

  /**
   * Steps 5 to 12 of PROTOCOL.md 6.4: the session of an attach or exchange that may work on it. `origin` is the one that a
   * browser has vouched for.
   */
  admit(attach, user, position, isReader, origin) {
    const ended = this.#ended.get(attach.key)
    if (ended) throw ended.end
    const known = this.#byKey.get(attach.key)
    if (attach.epoch !== undefined && attach.epoch !== known?.epoch) {
      throw new End('gone', 'unknown')
    }
    const session = known ?? this.#make(attach, user, position, origin)
    session.check(attach, user, position, isReader)
    this.#byKey.set(attach.key, session)
    session.contact(attach, position)
    return session
  }

  #make(attach, user, [number, tag, partial = 0], origin) {
    if (number > 0 || tag !== '' || partial > 0) throw new End('lost', 'the log is empty')
    if (this.#byKey.size >= MAX_SESSIONS) throw new End('too-many-sessions', 'the server is full')
    return new Session(attach, user, {
      ...this.#settings,
      origin,
      application: this.#application,
      protocol: this.#application.chooseProtocol(attach.protocols ?? []),
      relay: (session, message, isVolatile) => this.#relay(session, message, isVolatile),
      onEnd: (session) => {
        this.#byKey.delete(session.key)
        this.#ended.set(session.key, { end: session.ended, at: performance.now() })
      },
    })
  }

  /** Sends a message to the users that it is for, or back if the application does not allow that (PROTOCOL.md 6.8). */
  #relay(sender, { data, to }, isVolatile) {
    if (!this.#application.mayRelay(to)) return sender.send(data, to, REFUSED)
    for (const session of this.#byKey.values()) {
      if (session.user === '' || !to.includes(session.user)) continue
      if (isVolatile) session.sendVolatile(data, sender.id)
      else session.send(data, sender.id)
    }
  }

  /** A ticket for a stream that goes on as the carrier of an exchange. */
  makeTicket(transport, { epoch }, attach, position) {
    const ticket = randomBytes(18).toString('base64url')
    this.#tickets.set(ticket, {
      transport,
      attach: { ...attach, epoch },
      position,
      at: performance.now(),
    })
    return ticket
  }

  /** The attach that a ticket stands for. The ticket is used up, even if it is not for this transport. */
  takeTicket(ticket, transport) {
    const found = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    const isGood = found?.transport === transport && performance.now() - found.at < TICKET_LIFETIME
    if (!isGood) throw new End('not-found', 'no such ticket')
    return found
  }

  #sweepAll() {
    const now = performance.now()
    for (const session of this.#byKey.values()) session.sweep()
    for (const [key, { at }] of this.#ended) if (now - at > 2 * LIFETIME) this.#ended.delete(key)
    for (const [ticket, { at }] of this.#tickets) {
      if (now - at > TICKET_LIFETIME) this.#tickets.delete(ticket)
    }
  }

  close() {
    clearInterval(this.#sweep)
    for (const session of this.#byKey.values()) session.end(new End('gone', 'server-closed'))
  }
}
