/** Answers of scripts, as a store answers them; and requests as the scripts take them. */
import { createHash } from 'node:crypto'
import {
  MESSAGE_OVERHEAD,
  type PartialMessage,
  type Peer,
  type TransportName,
} from 'rungs/protocol'
import { UNKNOWN } from '../store/creation.ts'
import type {
  Admission,
  AttachRequest,
  Backlog,
  End,
  EndedSession,
  PartProgress,
  SessionRecord,
} from '../store/store.ts'
import { decodeMessage, decodePart, messageOfEntry, tagOf } from './entries.ts'

type Text = string | null

/** Fields of `record` in `lua/session.ts`. */
export type RecordReply = readonly Text[]
/** Answer of `endSession` in `lua/lifetime.ts`. */
export type EndedReply = readonly [id: string, end: string, record: RecordReply]

export type AdmitReply =
  | readonly [admitted: 0, end: string, evicted: EndedReply | null]
  | readonly [
      admitted: 1,
      id: string,
      record: RecordReply,
      created: number,
      next: number,
      partNumber: number,
      partLength: number,
      head: number,
      outstanding: number,
      tokenTtl: Text,
      superseded: readonly number[],
      evicted: EndedReply | null,
    ]

/** Answer of `read` in `lua/log.ts`. */
export type ReadReply =
  | readonly [id: '', end: string | null]
  | readonly [
      id: string,
      first: number,
      entries: readonly string[],
      outstanding: number,
      head: number,
      next: number,
      partNumber: number,
      partLength: number,
      volatile: readonly string[],
    ]
/** Answer of `readParts` in `lua/up.ts`. */
export type PartsReply = readonly [
  peer: string,
  kind: string,
  size: string,
  length: string,
  parts: readonly string[],
]

export function toRecord(id: string, reply: RecordReply): SessionRecord {
  const [epoch, user, origin, url, protocol, meta, data, readers] = reply
  const [head, base, total, baseTotal] = reply.slice(8).map(Number)
  return {
    id,
    epoch: epoch!,
    user: user!,
    origin: origin ?? undefined,
    url: url ?? undefined,
    protocol: protocol ?? undefined,
    meta: meta ?? undefined,
    data: data!,
    transport: newestTransport(readers ?? ''),
    bufferedAmount: total! - baseTotal! + MESSAGE_OVERHEAD * (head! - base!),
  }
}

/** Readers are "sequence node transport;...", the newest of them last. */
function newestTransport(readers: string): TransportName | null {
  return (/ (\S+);$/.exec(readers)?.[1] as TransportName | undefined) ?? null
}

export function toEnd(text: string): End {
  return JSON.parse(text) as End
}

export function toEndedSession([id, end, record]: EndedReply): EndedSession {
  return { session: toRecord(id, record), end: toEnd(end) }
}

function toPartProgress(number: number, length: number): PartProgress | undefined {
  return number > 0 ? { number, length } : undefined
}

/** Number of the last message that was handled, where the next one is known. */
export function toAcceptedUpTo(next: number): number {
  return Math.max(next - 1, 0)
}

export function toAdmission(reply: AdmitReply & readonly [1, ...unknown[]]): Admission {
  const [, id, record, created, next, partNumber, partLength, head, outstanding, tokenTtl] = reply
  return {
    session: toRecord(id, record),
    created: created === 1,
    acceptedUpTo: toAcceptedUpTo(next),
    partProgress: toPartProgress(partNumber, partLength),
    head,
    outstanding,
    tokenTtl: tokenTtl === null ? Infinity : Number(tokenTtl),
  }
}

export function toBacklog(reply: ReadReply): Backlog | End {
  if (reply.length === 2) return reply[1] === null ? UNKNOWN : toEnd(reply[1])
  const [, first, entries, outstanding, head, next, partNumber, partLength, volatile] = reply
  return {
    first,
    messages: entries.map(messageOfEntry),
    tags: entries.map(tagOf),
    outstanding,
    head,
    acceptedUpTo: toAcceptedUpTo(next),
    partProgress: toPartProgress(partNumber, partLength),
    volatile: volatile.map(decodeMessage),
  }
}

export function toPartialMessage([peer, kind, size, length, parts]: PartsReply): PartialMessage {
  return {
    peer: JSON.parse(peer) as Peer,
    kind: Number(kind),
    size: Number(size),
    length: Number(length),
    pieces: parts.map(decodePart),
  }
}

/** The name of a key in Redis, whose operators need not know the key. */
export function nameOfKey(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

/** A request as JSON, as `admit` in `lua/admit.ts` takes it. */
export function fromRequest(request: AttachRequest): string {
  const { identity, epoch, sequence, lowestWanted, page, position, readerTransport } = request
  const { origin, address, url, protocol, meta } = request
  const [number, tag, partial = 0] = position
  return JSON.stringify({
    ...('key' in identity ? { key: nameOfKey(identity.key) } : { id: identity.id }),
    ...('user' in identity && { user: identity.user, tokenTtl: finite(identity.tokenTtl) }),
    ...('hasToken' in identity && { hasToken: identity.hasToken }),
    epoch,
    sequence,
    wanted: lowestWanted,
    page,
    position: [number, tag, partial],
    transport: readerTransport,
    origin,
    address,
    url,
    protocol,
    meta,
  })
}

function finite(ms: number | undefined): number | undefined {
  return ms === Infinity ? undefined : ms
}
