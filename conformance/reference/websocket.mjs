/** A WebSocket: one carrier, from its handshake to its close frame (PROTOCOL.md 3.3, 4.5). */
import { createHash } from 'node:crypto'
import { End } from './ends.mjs'
import { authenticate } from './exchange.mjs'
import { DEADLINE, MAX_ATTACH, MAX_PACKET, MAX_WAITING } from './limits.mjs'
import { announced } from './messages.mjs'
import { checkOrigin, mayJoin, originToKeep } from './origins.mjs'
import { readPacket } from './packets.mjs'
import { StreamReader } from './reader.mjs'
import * as frames from './websocket-frames.mjs'

/** RFC 6455, 1.3. */
const acceptOf = (key) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

/** Milliseconds that a client has to answer a close frame. */
const CLOSE_PATIENCE = 1_000

export class WebSocketCarrier {
  /** Bytes travel as frames. */
  frames = true
  #hub
  /** The handshake. */
  #request
  /** The origin for which no browser has vouched, so that the connection may only join a session. */
  #unproven
  #socket
  #session
  #reader
  /** The packet whose frame comes next. */
  #announcing
  #isClosing = false
  #isFailed = false
  #deadline = setTimeout(() => this.end(new End('timeout', 'no first frame')), DEADLINE)

  constructor(hub, request, socket, head) {
    this.#hub = hub
    this.#request = request
    this.#socket = socket
    const accept = acceptOf(request.headers['sec-websocket-key'])
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    const reader = new frames.FrameReader(() => (this.#session ? MAX_PACKET : MAX_ATTACH))
    socket.on('data', (chunk) => this.#attempt(() => this.#readAll(reader.read(chunk))))
    socket.on('error', () => socket.destroy())
    // Sockets of an HTTP server would stay half open.
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#forget())
    this.#attempt(() => {
      this.#checkOrigin()
      if (hub.waiting.size >= MAX_WAITING) {
        throw new End('too-many-sessions', 'too many connections have not said whose they are')
      }
      hub.waiting.add(this)
      this.#readAll(reader.read(head))
    })
  }

  write(packet, frame) {
    this.#socket.write(frames.encodeFrame(frames.TEXT, Buffer.from(packet)))
    if (frame) this.#socket.write(frames.encodeFrame(frames.BINARY, frame))
  }

  end(end) {
    if (this.#isClosing) return
    this.write(JSON.stringify(end.packet))
    this.#close(end.closeCode, end.type)
  }

  drop() {
    this.#socket.destroy()
  }

  #close(code, reason) {
    this.#isClosing = true
    this.#forget()
    this.#socket.write(frames.encodeClose(code, reason))
    setTimeout(() => this.#socket.destroy(), CLOSE_PATIENCE).unref()
  }

  #forget() {
    clearTimeout(this.#deadline)
    this.#hub.waiting.delete(this)
    if (this.#reader) this.#session.removeReader(this.#reader)
  }

  #attempt(step) {
    if (this.#isFailed) return
    try {
      step()
    } catch (error) {
      if (error instanceof frames.FrameError) this.#fail(error)
      else this.end(End.of(error))
    }
  }

  /** Frames cannot be read any more (RFC 6455, 7.1.7). */
  #fail({ code, message }) {
    this.#isFailed = true
    if (code === frames.TOO_LARGE && !this.#session) {
      this.end(new End('too-large', 'the first frame is too large'))
    } else if (!this.#isClosing) {
      this.#close(code, message)
    }
    this.#socket.end()
  }

  #readAll(messages) {
    for (const { opcode, payload } of messages) {
      if (opcode === frames.PING) this.#socket.write(frames.encodeFrame(frames.PONG, payload))
      else if (opcode === frames.CLOSE) this.#answerClose(payload)
      else if (opcode !== frames.PONG && !this.#isClosing) this.#take(opcode, payload)
    }
  }

  #answerClose(payload) {
    if (!this.#isClosing) this.#socket.write(frames.encodeFrame(frames.CLOSE, payload))
    this.#isClosing = true
    this.#forget()
    this.#socket.end()
  }

  #take(opcode, payload) {
    const isText = opcode === frames.TEXT
    if (!this.#session) this.#attach(isText, payload)
    else if (!isText) this.#takeFrame(payload)
    else if (this.#announcing) throw new End('malformed', 'a binary frame was announced')
    else {
      const packet = readPacket(payload, { frames: true })
      if (announced(packet)) this.#announcing = packet
      else this.#process(packet)
    }
  }

  #checkOrigin() {
    try {
      checkOrigin(this.#request, this.#hub.origins)
    } catch (end) {
      if (!mayJoin(this.#request)) throw end
      this.#unproven = { origin: this.#request.headers.origin, end }
    }
  }

  /** The first packet. A page that nobody has vouched for learns nothing but that it is refused. */
  #readFirst(isText, payload) {
    try {
      if (!isText) throw new End('malformed', 'the first frame is not a text')
      return readPacket(payload, { attach: true })
    } catch (error) {
      throw this.#unproven && error instanceof End ? this.#unproven.end : error
    }
  }

  /** Lets a page that nobody has vouched for join a session of its own origin, and makes none (PROTOCOL.md 3.7). */
  #checkJoining({ key }) {
    const { origin, end } = this.#unproven
    const early = new End(end.type, 'there is no session to join yet', { then: 'retry' })
    const session = this.#hub.sessions.withKey(key)
    if (!session) throw early
    if (session.origin !== origin) throw end
  }

  #attach(isText, payload) {
    const packet = this.#readFirst(isText, payload)
    const { attach, ack: position = [0, ''] } = packet
    if (this.#unproven) this.#checkJoining(attach)
    const { sessions, application } = this.#hub
    const user = authenticate(application, attach.token)
    this.#session = sessions.admit(attach, user, position, true, originToKeep(this.#request))
    if (attach.token !== undefined) this.#session.renewToken(user)
    clearTimeout(this.#deadline)
    this.#hub.waiting.delete(this)
    this.#reader = new StreamReader(this.#session, attach, position, this)
    this.#session.addReader(this.#reader)
    this.#process({ ...packet, ack: undefined })
  }

  #takeFrame(payload) {
    const packet = this.#announcing
    if (!packet) throw new End('malformed', 'no packet announced a binary frame')
    this.#announcing = undefined
    announced(packet).data = payload
    this.#process(packet)
  }

  #process(packet) {
    const session = this.#session
    if (!session.hasReader(this.#reader)) return
    const isGap = session.process(packet)
    if (packet.ack) session.countContact()
    if (packet.token !== undefined) {
      session.renewToken(this.#hub.application.authenticate(packet.token))
    }
    if (packet.batch && session.hasReader(this.#reader)) this.#reader.acknowledge(isGap && 1)
  }
}
