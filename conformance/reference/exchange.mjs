/** The exchange: one POST and its answer (PROTOCOL.md 3.2). */
import { setTimeout as delay } from 'node:timers/promises'
import { sendPacket } from './answers.mjs'
import { Body } from './body.mjs'
import { End } from './ends.mjs'
import { HANDLER_PATIENCE, MAX_ATTACH, MAX_PACKET } from './limits.mjs'
import { originToKeep } from './origins.mjs'
import { readPacket } from './packets.mjs'
import { WaitReader, heartbeatFor, packetOf } from './reader.mjs'

/** Serves an exchange of a page that may connect. */
export async function serveExchange({ sessions, application, bound }, request, response) {
  if (Number(request.headers['content-length'] ?? 0) > MAX_ATTACH + 1 + MAX_PACKET) {
    throw new End('too-large', 'the body is larger than an attach and a packet')
  }
  const body = new Body(request)
  const packet = readPacket(await body.nextLine(MAX_ATTACH), { attach: true })
  const { attach, ack: position = [0, ''] } = packet
  const isProven = bound && attach.epoch !== undefined && !packet.hello
  const user = isProven ? undefined : authenticate(application, attach.token)
  const isReader = packet.answer === 'wait'
  const session = sessions.admit(attach, user, position, isReader, originToKeep(request))
  if (attach.token !== undefined) session.renewToken(application.authenticate(attach.token))
  session.enter()
  try {
    const outcome = await process(session, packet, position, body, response)
    if (outcome.isDropped) response.destroy()
    else sendPacket(request, response, 200, answerTo(session, packet, position, outcome, sessions))
  } finally {
    session.leave()
  }
}

export function authenticate(application, token) {
  const user = application.authenticate(token)
  if (user === undefined) throw new End('unauthorized', 'the token is refused')
  return user
}

/** Processes all packets, and waits as long as the client wants. Answers what the answer brings beside the log. */
async function process(session, packet, position, body, response) {
  const reader = packet.answer === 'wait' ? new WaitReader(session, packet, position) : undefined
  if (reader) session.addReader(reader)
  try {
    let gap = session.process(packet)
    const packets = [packet]
    for (let line = await body.nextLine(MAX_PACKET); line; line = await body.nextLine(MAX_PACKET)) {
      const next = readPacket(line, {})
      gap = session.process(next) || gap
      packets.push(next)
    }
    if (packets.some(({ batch }) => batch)) {
      await Promise.race([session.handled(), delay(HANDLER_PATIENCE)])
    }
    if (packets.some(({ bye }) => bye)) return { isGoodbye: true }
    response.once('close', () => reader?.drop())
    const outcome = { gap, ...(await reader?.answered) }
    const end = outcome.end ?? session.ended
    if (end) throw end
    return outcome
  } finally {
    if (reader) session.removeReader(reader)
  }
}

function answerTo(session, { attach, answer, hello, stream }, position, outcome, sessions) {
  if (outcome.isGoodbye) return '{}'
  const reads = answer === 'now' || answer === 'wait'
  const heartbeat = heartbeatFor(attach)
  const cursor = session.down.cursorAt(position)
  const batch = reads ? session.down.next(cursor, false, attach.maxBatch) : undefined
  const volatile = outcome.volatile ?? (reads ? session.volatile.take(heartbeat, false) : [])
  return packetOf({
    hello: (attach.epoch === undefined || hello) && session.hello(heartbeat),
    ack: session.ack(batch?.cursor ?? cursor),
    gap: outcome.gap && 1,
    batch: batch?.text,
    tag: batch?.tag && JSON.stringify(batch.tag),
    volatile: volatile.length > 0 && `[${volatile.map(({ text }) => text)}]`,
    ticket: stream && JSON.stringify(sessions.makeTicket(stream, session, attach, position)),
    ready: reads && 1,
    token: session.asksForToken,
  })
}
