/**
 * The client's half of a session: two numbered logs, and the fence of its carriers. A carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import type { Clock } from './clock.ts'
import { toJSON } from './engine.ts'
import { suspicion, type Doubt } from './heartbeat.ts'
import {
  MAX_BATCH,
  VERSION,
  encodeEntry,
  packet,
  type Down,
  type Entry,
  type Hello,
  type Message,
} from './protocol.ts'
import type { Saved } from './saved.ts'
import type { Fields, LinkRequest } from './transport.ts'

/** Milliseconds after which what was taken is acknowledged of its own accord. */
const ACK_AFTER = 5_000
/** Bytes that a message counts beside its own, else empty ones would pile up unacknowledged. */
const ACK_EACH = 256
/** Milliseconds between heartbeats, before the server has said so. */
const HEARTBEAT = 25_000

export interface SessionEvents {
  message(entry: Entry): void
  /** Whether anybody takes messages now. */
  heard(): boolean
  /** There is something to send. */
  flush(): void
  /** The server does not know this session any more. */
  lost(reason: string): void
}

export interface Link extends LinkRequest {
  /** Gives up what its exchanges still wanted. */
  close(): void
}

export interface Session {
  /** What the server said of it. */
  readonly hello: Hello | undefined
  /** Smoothed round trip in milliseconds. */
  readonly rtt: number | null
  /** Milliseconds between two signs of life from the server. */
  readonly heartbeat: number
  /** Bytes not yet accepted. */
  readonly buffered: number
  /** How many of them go up before the next receipt. */
  readonly outstanding: number
  /** Number of the last message that the server accepted. */
  readonly accepted: number
  /** Messages not yet accepted, and how many of them no carrier was ever given. */
  readonly log: readonly Message[]
  readonly unsent: number
  push(message: Message): void
  pushVolatile(message: Message): void
  /** Asks all carriers for a sign of life. */
  probe(): void
  /** From when on a carrier is suspect, and of what. It is expected to speak up by then, and has its duties since then. */
  doubt(expected: number, since: number): Doubt
  /** A packet arrived, on whatever carrier. */
  take(down: Down, bytes: number): void
  /** Delivers what waited for a listener. */
  deliver(): void
  link(url: string, credentials: boolean, token?: string): Link
  /** What is needed to go on after a reload, if the server knows the session. */
  save(): Saved | undefined
}

/** 128 random bits in hexadecimal. */
function randomKey(): string {
  let key = ''
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  for (let i = 0; i < 16; i++) key += (bytes[i]! + 256).toString(16).slice(1)
  return key
}

export function createSession(
  clock: Clock,
  on: SessionEvents,
  resumable: boolean,
  saved?: Saved,
): Session {
  const {
    key,
    generation,
    position: start,
    log,
  } = saved || {
    key: randomKey(),
    generation: -1,
    position: [0, ''] as const,
    log: [],
  }
  const page = resumable ? [generation + 1, randomKey()] : undefined
  let epoch = saved?.epoch
  let hello: Hello | undefined

  // Up: `kept[0]` is number `accepted + 1`; up to `handed`, some carrier has had them.
  const kept = log.slice()
  let accepted = saved?.accepted || 0
  let handed = accepted + kept.length
  let received = accepted
  let unreceived = 0
  let buffered = 0
  for (const { size } of kept) buffered += size
  let volatile: Message[] = []

  // Down: `waiting[0]` is number `delivered + 1`; `position` is what may be acknowledged.
  const waiting: Entry[] = []
  let position = start
  let delivered = position[0]
  let tag = position[1]
  let head = 0
  let behind = 0
  let unacked = 0
  let ackDue = false
  let probeDue = false
  let cancelAck: (() => void) | undefined
  let lastSent = 0

  // The fence: the numbers of attaches and exchanges that are still wanted.
  let t = 0
  const wanted: { [t: number]: unknown } = {}

  // One packet at a time is timed: sent at `timedAt`, answered when `timed` is received.
  let timed = 0
  let timedAt = 0
  let rtt: number | null = null

  const acknowledge = (): void => {
    ackDue = true
    on.flush()
  }

  const ack = (): string => {
    ackDue = false
    unacked = 0
    cancelAck?.()
    cancelAck = undefined
    lastSent = clock.now()
    return toJSON(position)
  }

  const time = (number: number): void => {
    if (!timedAt) {
      timed = number
      timedAt = clock.now()
    }
  }

  const heartbeat = (): number => hello?.heartbeat || HEARTBEAT
  const outstanding = (): number =>
    Math.min(buffered, Math.max(MAX_BATCH, kept[0] ? kept[0].size : 0))

  const deliver = (): void => {
    while (waiting.length && on.heard()) {
      const entry = waiting.shift()!
      cancelAck ||= clock.after(ACK_AFTER, acknowledge)
      delivered++
      // A tag belongs to the last message: where there are tags, only all of them are acknowledged.
      if (!tag || !waiting.length) position = [delivered, tag]
      on.message(entry)
    }
  }

  return {
    get hello() {
      return hello
    },
    get rtt() {
      return rtt
    },
    get heartbeat() {
      return heartbeat()
    },
    get buffered() {
      return buffered
    },
    get outstanding() {
      return outstanding()
    },
    get accepted() {
      return accepted
    },
    log: kept,
    get unsent() {
      return accepted + kept.length - handed
    },
    push(message) {
      kept.push(message)
      buffered += message.size
    },
    pushVolatile(message) {
      volatile.push(message)
    },
    probe() {
      probeDue = true
      on.flush()
    },
    doubt: (expected, since) =>
      suspicion(
        expected,
        behind && Math.max(behind, since),
        unreceived && Math.max(unreceived, since),
        outstanding(),
        rtt || 0,
      ),

    take(down, bytes) {
      const { ack: theirs, batch } = down
      hello = down.hello || hello
      if (theirs) {
        if (epoch && theirs[0] !== epoch) return on.lost('unknown')
        epoch = theirs[0]
        if (theirs[1] > received) {
          received = theirs[1]
          unreceived = received < handed ? clock.now() : 0
        }
        if (timedAt && theirs[1] >= timed) {
          const sample = clock.now() - timedAt
          rtt = rtt ? rtt + (sample - rtt) / 8 : sample
          timedAt = 0
        }
        if (theirs[2] > accepted) {
          for (const { size } of kept.splice(0, theirs[2] - accepted)) buffered -= size
          accepted = theirs[2]
        }
      }
      if (batch) {
        const known = delivered + waiting.length + 1 - batch[0]
        if (known < 0) return on.lost('lost')
        const fresh = batch[1].slice(known)
        if (fresh.length) {
          waiting.push(...fresh)
          tag = down.tag || ''
          unacked += bytes + fresh.length * ACK_EACH
          deliver()
        }
      }
      if (theirs) head = Math.max(head, theirs[3])
      // What comes in shows that the rest is on its way.
      if (head <= delivered + waiting.length) behind = 0
      else if (batch || !behind) behind = clock.now()
      if (on.heard()) down.volatile?.forEach(on.message)
      // A quarter of the window is full, or this is a heartbeat and we were silent for long: any packet answers it.
      if (hello && (unacked > hello.window / 4 || clock.now() - lastSent > hello.heartbeat / 2))
        acknowledge()
    },

    deliver,

    link(url, credentials, token) {
      // A new cursor begins at what is accepted: whatever else was handed out may have been lost on its way.
      let cursor = accepted
      const self = {}
      // Bytes of the binary message that the last packet announced.
      let bytes: Uint8Array<ArrayBuffer> | undefined
      timedAt = 0

      const due = (): boolean => {
        cursor = Math.max(cursor, accepted)
        return ackDue || probeDue || volatile.length > 0 || cursor < accepted + kept.length
      }

      /** Messages from an index on as entries: so many bytes, or one. Binary ends them, if it goes as a frame. */
      const encode = (
        list: readonly Message[],
        index: number,
        base64?: (bytes: Uint8Array) => string,
      ): string[] => {
        const entries: string[] = []
        let room = MAX_BATCH
        for (let message; !bytes && (message = list[index++]);) {
          const entry = encodeEntry(message, base64)
          room -= entry.length
          if (room < 0 && entries.length) break
          entries.push(entry)
          if (!base64 && typeof message.body !== 'string')
            bytes = message.body as Uint8Array<ArrayBuffer>
        }
        return entries
      }

      const fields = (base64?: (bytes: Uint8Array) => string): Fields => {
        const first = cursor + 1
        const entries = encode(kept, cursor - accepted, base64)
        if (entries.length) {
          cursor += entries.length
          handed = Math.max(handed, cursor)
          // What goes up again may have been received before, and is owed no receipt then.
          if (cursor > received) unreceived ||= clock.now()
          time(cursor)
        }
        const passing = encode(volatile, 0, base64)
        volatile = volatile.slice(passing.length)
        const probe = probeDue
        probeDue = false
        return {
          probe: probe ? '1' : '',
          batch: entries.length ? '[' + first + ',[' + entries + ']]' : '',
          volatile: passing.length ? '[' + passing + ']' : '',
        }
      }

      return {
        url,
        credentials,
        begin() {
          wanted[++t] = self
          return t
        },
        release(number) {
          delete wanted[number]
        },
        attach(number, more, base64) {
          // A goodbye takes all along once more, for what is in flight is cut off with the page.
          if (more?.bye) cursor = 0
          due()
          // Integer keys come in ascending order (ECMA-262, 10.1.11).
          const want = +Object.keys(wanted)[0]!
          return packet({
            attach: toJSON({ version: VERSION, key, epoch, t: number, want, page, token }),
            ack: ack(),
            ...(base64 && fields(base64)),
            ...more,
          })
        },
        frame() {
          const frame = bytes
          bytes = undefined
          return frame || (due() ? packet({ ack: ack(), ...fields() }) : undefined)
        },
        due,
        accepted: () => accepted,
        heartbeat,
        now: clock.now,
        after: clock.after,
        close() {
          for (const number in wanted) if (wanted[number] === self) delete wanted[number]
        },
      }
    },

    save() {
      // Whatever is kept may be sent by the goodbye, or by the page that resumes.
      handed = accepted + kept.length
      return epoch
        ? { key, epoch, generation: generation + 1, position, accepted, log: kept }
        : undefined
    },
  }
}
