/** The server's end of carriers, in memory: it reads what real clients send, and writes what real servers do. */
import { Buffer } from 'node:buffer'
import { Refusal } from '../../server/src/errors.ts'
import {
  BINARY,
  END,
  FRAME,
  createMessage,
  encodeEntry,
  packet,
  type EncodedEntry,
  type EndType,
  type Entry,
  type Up,
} from '../../src/protocol.ts'
import type { Core, CoreEvents, Entered } from './core.ts'
import { HELLO } from './session.ts'

export type Frame = string | Uint8Array

/** Bytes of a batch down: small, so that messages of usual size come in parts. */
const BATCH = 3_000

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
  /** How often it did not take a batch, because messages before it were missing. */
  gaps: number
}

interface OpenStream extends Entered {
  readonly t: number
  /** Number of the last message that was written as a whole, and how much of the next one. */
  cursor: number
  offset: number
  /** The last acknowledgement that was written. */
  ack: string
  readonly put: (frame: Frame) => void
  end(type: EndType, reason: string): void
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const endOf = (type: EndType, reason: string): string =>
  packet({ end: JSON.stringify([type, reason, END[type][1]]) })

/** Bytes in the place of base64. */
function decode(entries: readonly Entry[]): Entry[] {
  return entries.map(([data, peer, kind = 0, ...part]) => {
    const bytes =
      (kind & (BINARY | FRAME)) === BINARY
        ? new Uint8Array(Buffer.from(data as string, 'base64'))
        : data
    return [bytes, peer, kind, ...part] as Entry
  })
}

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

  const enter = (up: Up, isStream: boolean): Entered => {
    const found = core.enter(up, isStream)
    if ('type' in found) throw new Refusal(found.type, found.reason)
    newest = found.id
    return found
  }

  /** Answers false if messages before the batch are missing. */
  const receive = (id: string, { ack, batch }: Up): boolean => {
    if (ack) core.acknowledge(id, [ack[0], ack[1]])
    const isTaken = !batch || core.push(id, batch[0], decode(batch[1]))
    if (!isTaken) server.gaps++
    return isTaken
  }

  const ackOf = ({ id }: Entered): string => {
    const { received, accepted, head, partial } = core.read(id, 0)!
    return JSON.stringify([received, accepted, head, partial])
  }

  const refusalOf = (error: unknown): readonly [EndType, string] => {
    if (!(error instanceof Refusal)) throw error
    refusals.push(error.end.type)
    return [error.end.type, error.end.reason]
  }

  /** Entries from a place in the log on, as many as one packet has. */
  const entriesFrom = (
    id: string,
    after: number,
    offset: number,
    encodeBinary?: (bytes: Uint8Array) => string,
  ) => {
    const { first, messages } = core.read(id, after)!
    const place = { cursor: first - 1, offset: first === after + 1 ? offset : 0 }
    const entries: EncodedEntry[] = []
    let room = BATCH
    for (const message of messages) {
      const entry = encodeEntry(message, place.offset, room, entries.length === 0, encodeBinary)
      if (!entry) break
      entries.push(entry)
      room -= entry.bytes
      const isWhole = entry.end === message.body.length
      if (isWhole) place.cursor++
      place.offset = isWhole ? 0 : entry.end
      if (!isWhole || entry.frame) break
    }
    const texts = entries.map(({ text }) => text).join()
    return { place, batch: texts && `[${first},[${texts}]]`, frame: entries.at(-1)?.frame }
  }

  /** The next packet of a stream, and the frame behind it. */
  const writeTo = (stream: OpenStream): boolean => {
    if (!core.read(stream.id, stream.cursor)) return false
    const ack = ackOf(stream)
    const { place, batch, frame } = entriesFrom(stream.id, stream.cursor, stream.offset)
    if (!batch && ack === stream.ack) return false
    Object.assign(stream, place, { ack })
    stream.put(packet({ ack, batch }))
    if (frame) stream.put(frame)
    return true
  }

  const server: TestServer = {
    core,
    refusals,
    gaps: 0,
    stream(put) {
      let own: OpenStream | undefined
      let held: Up | undefined
      let cut = false
      const end = (type: EndType, reason: string): void => {
        if (cut) return
        cut = true
        if (own) streams.delete(own)
        put(endOf(type, reason))
      }
      const open = (up: Up): void => {
        const found = enter(up, true)
        const [cursor, , offset = 0] = up.ack ?? [0, '']
        const { id, epoch } = found
        own = { id, epoch, t: up.attach!.t, cursor, offset, ack: '', put, end }
        streams.add(own)
        put(packet({ hello: JSON.stringify({ ...HELLO, epoch }), ack: ackOf(own) }))
        put(packet({ ready: '1' }))
      }
      return {
        take(frame) {
          if (cut) return
          try {
            let up = held
            held = undefined
            if (typeof frame === 'string') {
              up = JSON.parse(frame) as Up
              const last = (up.volatile ?? up.batch?.[1])?.at(-1)
              if (last && (last[2] ?? 0) & FRAME) {
                held = up
                return
              }
            } else {
              up!.batch![1].at(-1)![0] = new Uint8Array(frame)
            }
            if (!own) open(up!)
            if (!receive(own!.id, up!)) put(packet({ ack: ackOf(own!), gap: '1' }))
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
        const [head, ...others] = body.split('\n').map((line) => JSON.parse(line) as Up)
        const found = enter(head!, false)
        const isTaken = others.every((up) => receive(found.id, up))
        if (!core.read(found.id, 0)) return endOf('gone', 'unknown')
        const [after, , offset = 0] = head!.ack ?? [0, '']
        const asksForMessages = head!.answer === 'now' || head!.answer === 'wait'
        return packet({
          hello: head!.hello && JSON.stringify({ ...HELLO, epoch: found.epoch }),
          ack: ackOf(found),
          gap: isTaken ? '' : '1',
          batch: asksForMessages && entriesFrom(found.id, after, offset, base64).batch,
          ready: asksForMessages && '1',
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
  return server
}
