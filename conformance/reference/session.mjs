/** One session: its two logs, its readers, and who may work on it (PROTOCOL.md 6). */
import { randomBytes } from 'node:crypto'
import { DownLog } from './down-log.mjs'
import { End } from './ends.mjs'
import {
  DEADLINE,
  FIRST_LIFETIME,
  LIFETIME,
  MAX_BATCH,
  MAX_MESSAGE,
  MAX_READERS,
  VERSION,
  WINDOW,
} from './limits.mjs'
import { Fence, pageOf } from './fence.mjs'
import { checkSizes } from './messages.mjs'
import { UpLog } from './up-log.mjs'
import { VolatileMessages } from './volatile.mjs'

const now = () => performance.now()

export class Session {
  id = randomBytes(12).toString('base64url')
  epoch = randomBytes(6).toString('base64url')
  up = new UpLog()
  volatile = new VolatileMessages()
  /** The end of the session, when it has ended. */
  ended
  asksForToken = 0
  #readers = new Set()
  #fence
  #contacts = 0
  /** Requests that are not answered yet. */
  #inFlight = 0
  #idleSince = now()
  #heardAt = now()
  #tokenTimer
  #handlers = Promise.resolve()
  #context

  /** @param context `{ bound, tags, origin, application, protocol, relay, onEnd }` */
  constructor(attach, user, context) {
    const { key, url, meta, token } = attach
    this.key = key
    this.user = user
    /** Origin of the page that made it, if its browser has said that it is the own one. */
    this.origin = context.origin
    this.about = { url, meta }
    this.protocol = context.protocol
    this.down = new DownLog(context.tags)
    this.#fence = new Fence(pageOf(attach))
    this.#context = context
    this.#run(() => context.application.open(this))
    const lifetime = context.application.tokenLifetime(token)
    if (lifetime) this.#tokenTimer = setTimeout(() => this.#askForToken(), lifetime)
  }

  hello(heartbeat) {
    const { bound } = this.#context
    const limits = { maxMessage: MAX_MESSAGE, maxBatch: MAX_BATCH, window: WINDOW }
    const terms = {
      version: VERSION,
      id: this.id,
      epoch: this.epoch,
      heartbeat,
      lifetime: LIFETIME,
    }
    return JSON.stringify({ ...terms, ...limits, bound, protocol: this.protocol })
  }

  /** An acknowledgement for a carrier that has sent everything up to a cursor. */
  ack(cursor) {
    const { received, accepted, partialLength } = this.up
    return `[${received},${accepted},${this.down.head},${partialLength},${this.down.sizeAfter(cursor)}]`
  }

  /** Steps 6 to 9 of PROTOCOL.md 6.4. `user` is undefined where the key is proof enough. */
  check(attach, user, position, isReader) {
    if (user !== undefined && user !== this.user) throw new End('forbidden', 'of another user')
    this.#fence.check(attach, [...this.#readers], isReader)
    this.down.check(position)
  }

  /** Steps 10 to 12: an attach or exchange has passed all checks. */
  contact(attach, position) {
    const page = pageOf(attach)
    if (this.#fence.isTakeover(page)) {
      this.#endReaders(new End('superseded', 'another page has taken over'))
      this.#fence.beginPage(page)
    }
    this.countContact()
    this.down.acknowledge(position[0])
    this.#fence.raise(attach.want)
    for (const reader of this.#readers) {
      if (reader.t < this.#fence.mark || reader.t === attach.t) {
        this.#end(reader, new End('superseded', 'replaced'))
      }
    }
  }

  countContact() {
    this.#contacts++
    this.#idleSince = this.#heardAt = now()
  }

  /** A request goes on until {@link leave}; meanwhile the session does not expire. */
  enter() {
    this.#inFlight++
  }

  leave() {
    this.#inFlight--
    this.#idleSince = now()
  }

  /** Step 13. */
  addReader(reader) {
    this.#readers.add(reader)
    const lowest = [...this.#readers].reduce((one, other) => (other.t < one.t ? other : one))
    if (this.#readers.size > MAX_READERS)
      this.#end(lowest, new End('superseded', 'too many carriers'))
    reader.flush()
    this.#flushVolatile()
  }

  removeReader(reader) {
    if (this.#readers.delete(reader)) this.#idleSince = now()
    reader.stop()
  }

  hasReader(reader) {
    return this.#readers.has(reader)
  }

  /** Processes a packet, after the attach. Answers whether its batch was not taken, for something before it is missing. */
  process(packet) {
    this.#heardAt = now()
    try {
      checkSizes(packet)
      return this.#process(packet)
    } finally {
      // A goodbye holds, whatever becomes of what rides along.
      if (packet.bye) this.#sayGoodbye(packet.bye)
    }
  }

  #process({ ack, batch, volatile = [], probe }) {
    if (ack) this.down.check(ack)
    const messages = batch && this.up.take(batch)
    if (ack) this.down.acknowledge(ack[0])
    for (const message of messages ?? []) this.#handle(message, false)
    for (const message of volatile) this.#handle(message, true)
    if (probe) for (const reader of this.#readers) reader.acknowledge()
    return batch !== undefined && messages === undefined
  }

  #handle(message, isVolatile) {
    const { application, relay } = this.#context
    this.#run(async () => {
      if (message.to) relay(this, message, isVolatile)
      else await application.message(this, message)
      if (this.ended || isVolatile) return
      this.up.accepted++
      for (const reader of this.#readers) reader.settled()
    })
  }

  /** Runs handlers one after the other. One that fails ends the session. */
  #run(handler) {
    this.#handlers = this.#handlers.then(async () => {
      if (this.ended) return
      try {
        await handler()
      } catch {
        this.end(new End('gone', 'handler-failed'))
      }
    })
  }

  /** Resolves when all messages that have come are handled. */
  handled() {
    return this.#handlers
  }

  #sayGoodbye([seconds, code, reason]) {
    const end = new End('closed', reason ?? 'closed', { code: code ?? 1_000 })
    const until = seconds > 0 ? now() + Math.min(seconds * 1_000, LIFETIME) : Infinity
    this.#fence.goodbye = { until, isRevocable: seconds > 0, end }
    if (seconds > 0) this.#endReaders(new End('superseded', 'goodbye'))
    else void this.#handlers.then(() => this.end(end))
  }

  /** Sends a message down. `peer` and `kind` are those of its entry. */
  send(data, peer, kind) {
    this.down.push(data, peer, kind)
    for (const reader of this.#readers) reader.flush()
    if (this.down.isTooLarge) this.end(new End('gone', 'overflow'))
  }

  sendVolatile(data, peer = 0) {
    this.volatile.push(data, peer)
    this.#flushVolatile()
  }

  #flushVolatile() {
    const [newest] = [...this.#readers].sort((one, other) => other.t - one.t)
    const entries = newest ? this.volatile.take(newest.heartbeat, newest.frames) : []
    if (entries.length > 0) newest.volatile(entries)
  }

  #askForToken() {
    this.asksForToken = 1
    this.#tokenTimer = setTimeout(
      () => this.#endReaders(new End('unauthorized', 'no new token has come')),
      DEADLINE,
    )
    for (const reader of this.#readers) reader.askForToken()
  }

  /** If one was asked for, a new token has named a user, or nobody if it was refused. */
  renewToken(user) {
    if (!this.asksForToken) return
    clearTimeout(this.#tokenTimer)
    this.asksForToken = 0
    if (user !== this.user) this.#endReaders(new End('unauthorized', 'the token is refused'))
  }

  #end(reader, end) {
    this.removeReader(reader)
    reader.end(end)
  }

  #endReaders(end) {
    for (const reader of this.#readers) this.#end(reader, end)
  }

  end(end) {
    if (this.ended) return
    this.ended = end
    clearTimeout(this.#tokenTimer)
    this.#endReaders(end)
    this.#context.onEnd(this)
  }

  /** Ends what is over by its time. */
  sweep() {
    for (const reader of this.#readers) {
      if (now() - this.#heardAt < 2 * reader.heartbeat + 5_000) continue
      this.removeReader(reader)
      reader.drop()
    }
    const { goodbye } = this.#fence
    if (goodbye) {
      if (now() > goodbye.until) this.end(goodbye.end)
    } else if (this.#readers.size === 0 && this.#inFlight === 0) {
      const lifetime = this.#contacts > 1 ? LIFETIME : FIRST_LIFETIME
      if (now() - this.#idleSince > lifetime) this.end(new End('gone', 'expired'))
    }
  }
}
