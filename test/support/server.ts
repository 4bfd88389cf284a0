/** The server's end of carriers, in memory: it reads what real clients send, and writes what real servers do. */
import { Buffer } from 'node:buffer'
import { Refusal } from '../../server/src/errors.ts'
import { addFrame, parsePacket, type Packet } from '../../server/src/http/parse.ts'
import {
  END,
  createMessage,
  encodeEntry,
  packet,
  type EndType,
  type Message,
} from '../../src/protocol.ts'
import type { Core, CoreEvents, Entered } from './core.ts'
import { HELLO } from './session.ts'

export type Frame = string | Uint8Array

/** A carrier that stays, as the server sees it. */
export interface Stream {
  take(frame: Frame): void
  cut(): void
}

export interface TestServer {
  readonly core: Core
  stream(write: (frame: Frame) => void): Stream
  /** One exchange: a body, and its answer. */
  exchange(body: string): string
  /** Sends to the session that was made last; false if there was none yet. */
  send(data: unknown): boolean
  /** Ends the session that was made last. */
  end(): void
  /** Writes to all streams what they are to have. */
  write(): void
  unacknowledged(): number
  /** Why it refused something. */
  readonly refusals: EndType[]
}

interface OpenStream extends Entered {
  readonly t: number
  cursor: number
  /** The last acknowledgement that was written. */
  ack: string
  readonly put: (frame: Frame) => void
  end(type: EndType, reason: string): void
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const endOf = (type: EndType, reason: string): string =>
  packet({ end: JSON.stringify([type, reason, END[type][1]]) })

export function testServer(makeCore: (on: CoreEvents) => Core): TestServer {
  const streams = new Set<OpenStream>()
  const refusals: EndType[] = []
  let newest = ''

  const core = makeCore({
    superseded(id, t) {
      for (const stream of [...streams]) {
        if (stream.id === id && stream.t === t) stream.end('superseded', 'another took its place')
      }
    },
    ended(id, type, reason) {
      refusals.push(type)
      for (const stream of [...streams]) if (stream.id === id) stream.end(type, reason)
    },
  })

  const enter = (up: Packet, isStream: boolean): Entered => {
    if (!up.attach) throw new Refusal('malformed', 'whose is it?')
    const found = core.enter(up, isStream)
    if ('type' in found) throw new Refusal(found.type, found.reason)
    newest = found.id
    return found
  }

  const receive = (id: string, { ack, batch }: Packet): void => {
    if (ack) core.acknowledge(id, ack)
    if (batch) core.push(id, batch.first, batch.messages)
  }

  const ackOf = ({ id, epoch }: Entered): string => {
    const { received, accepted, head } = core.read(id, 0)!
    return JSON.stringify([epoch, received, accepted, head])
  }

  const refusalOf = (error: unknown): readonly [EndType, string] => {
    if (!(error instanceof Refusal)) throw error
    refusals.push(error.end.type)
    return [error.end.type, error.end.reason]
  }

  /** The next packet of a stream, and the frame behind it. */
  const writeTo = (stream: OpenStream): boolean => {
    const backlog = core.read(stream.id, stream.cursor)
    if (!backlog) return false
    const ack = ackOf(stream)
    const { first, messages } = backlog
    if (messages.length === 0 && ack === stream.ack) return false
    const binary = messages.findIndex(({ body }) => typeof body !== 'string')
    const batch = binary < 0 ? messages : messages.slice(0, binary + 1)
    stream.cursor = first - 1 + batch.length
    stream.ack = ack
    const entries = batch.map((message) => encodeEntry(message))
    stream.put(packet({ ack, batch: entries.length > 0 ? `[${first},[${entries.join()}]]` : '' }))
    if (binary >= 0) stream.put((messages[binary] as Message).body)
    return true
  }

  return {
    core,
    refusals,
    stream(put) {
      let own: OpenStream | undefined
      let held: Packet | undefined
      let cut = false
      const end = (type: EndType, reason: string): void => {
        if (cut) return
        cut = true
        if (own) streams.delete(own)
        put(endOf(type, reason))
      }
      return {
        take(frame) {
          if (cut) return
          try {
            const up =
              typeof frame === 'string'
                ? parsePacket(frame, HELLO, { mayAnnounceFrame: true })
                : addFrame(held, frame, HELLO)
            held = up.announcesFrame && typeof frame === 'string' ? up : undefined
            if (held) return
            if (!own) {
              const found = enter(up, true)
              const cursor = up.ack?.[0] ?? 0
              own = {
                ...found,
                id: found.id,
                epoch: found.epoch,
                t: up.attach!.t,
                cursor,
                ack: '',
                put,
                end,
              }
              streams.add(own)
              put(packet({ hello: JSON.stringify(HELLO), ack: ackOf(own) }))
              put(packet({ ready: '1' }))
            }
            receive(own.id, up)
          } catch (error) {
            end(...refusalOf(error))
          }
        },
        cut() {
          cut = true
          if (own) streams.delete(own)
        },
      }
    },
    exchange(body) {
      try {
        const up = parsePacket(body, HELLO)
        const found = enter(up, false)
        receive(found.id, up)
        const backlog = core.read(found.id, up.ack?.[0] ?? 0)
        if (!backlog) return endOf('gone', 'unknown')
        const entries =
          up.answer !== 'none' ? backlog.messages.map((each) => encodeEntry(each, base64)) : []
        return packet({
          hello: JSON.stringify(HELLO),
          ack: ackOf(found),
          batch: entries.length > 0 ? `[${backlog.first},[${entries.join()}]]` : '',
        })
      } catch (error) {
        return endOf(...refusalOf(error))
      }
    },
    send(data) {
      core.append(newest, createMessage(data)!)
      return newest !== ''
    },
    end: () => core.end(newest),
    write() {
      for (const stream of streams) while (writeTo(stream));
    },
    unacknowledged: () => core.unacknowledged(newest),
  }
}
