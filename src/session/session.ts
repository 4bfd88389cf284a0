/**
 * The client's half of a session: two numbered logs, and the fence of its carriers. A carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
import type { Clock } from '../platform/clock.ts'
import { randomKey, toJSON } from '../platform/engine.ts'
import { suspicion, type Doubt } from './health.ts'
import {
  MAX_BATCH,
  MAX_MESSAGE,
  VERSION,
  encodeEntry,
  packet,
  type Down,
  type Entry,
  type Hello,
  type Message,
} from '../protocol.ts'
import type { Saved } from './saved.ts'
import { SLOWEST, type Fields, type LinkRequest } from '../transports/transport.ts'

/** Milliseconds within which what was taken is acknowledged of its own accord. */
const ACK_AFTER = 5_000
/** Bytes that a message counts beside its own, else empty ones would pile up unacknowledged. */
const ACK_EACH = 256
/** Milliseconds that the server has for an answer beyond its heartbeat, bytes not counted. */
const PATIENCE = 10_000
/** What holds before the server has said hello. */
const UNKNOWN: Terms = {
  id: null,
  heartbeat: 25_000,
  maxMessage: MAX_MESSAGE,
  window: MAX_MESSAGE,
}

export interface SessionEvents {
  arrived(entry: Entry): void
  /** Whether anybody takes messages now. */
  heard(): boolean
  /** There is something to send. */
  flush(): void
  /** The server does not know this session any more. */
  forgotten(reason: string): void
}

/** What counts of a hello. */
type Terms = Pick<Hello, 'heartbeat' | 'maxMessage' | 'window'> & {
  readonly id: string | null
}

export interface Session {
  /** What the server said of it. */
  readonly terms: Terms
  /** Smoothed, in milliseconds. */
  readonly roundTrip: number | null
  /** Bytes not yet accepted. */
  readonly bufferedBytes: number
  /** Milliseconds that it takes on the slowest line to bring up what goes before the next receipt. */
  work(): number
  /** Number of the last message that the server accepted. */
  readonly acceptedUpTo: number
  readonly unaccepted: Message[]
  /** How many of them no carrier was ever given. */
  readonly unsentCount: number
  push(message: Message): void
  /** Messages that are sent if they can be, unnumbered and once. */
  readonly volatile: Message[]
  /** Asks all carriers for a sign of life. */
  probe(): void
  /** From when on a carrier is suspect, and of what. It is expected to speak up by then, and has its duties since then. */
  doubt(expected: number, since: number): Doubt
  /** A packet arrived, on whatever carrier. */
  receive(down: Down, bytes: number): void
  /** Delivers what waited for a listener. */
  deliver(): void
  link(url: string, credentials: boolean, token?: string): LinkRequest
  /** What is needed to go on after a reload, if the server knows the session; for a session that has a page. */
  save(): Saved | undefined
}

export function createSession(
  clock: Clock,
  on: SessionEvents,
  {
    key = randomKey(),
    epoch,
    page,
    position = [0, ''],
    accepted = 0,
    log = [],
  }: Partial<Saved> = {},
): Session {
  let hello = UNKNOWN

  // Up: `kept[0]` is number `accepted + 1`; up to `handed`, some carrier has had them.
  const kept: Message[] = []
  let handed = accepted + log.length
  let received = accepted
  let unreceived = Infinity
  let buffered = 0
  const volatile: Message[] = []

  // Down: `waiting[0]` is number `delivered + 1`; `position` is what may be acknowledged.
  const waiting: Entry[] = []
  let [delivered, tag] = position
  let head = 0
  let behind = Infinity
  /** Milliseconds that they may take beyond what is usual: nobody knows how large they are, nor how slow the line is. */
  let slack = 0
  /** Bytes taken and not yet acknowledged; `Infinity` where that is due whatever they are. */
  let unacked = 0
  let probe = ''
  let ticking: (() => void) | undefined
  let lastSent = clock.now()

  // The fence: the numbers of attaches and exchanges that are still wanted.
  let t = 0
  const wanted: { [t: number]: unknown } = {}

  // One packet at a time is timed: sent at `timedAt`, answered when `timed` is received.
  let timed = 0
  let timedAt = 0
  let rtt: number | null = null

  const push = (message: Message): void => {
    kept.push(message)
    buffered += message.size
  }
  log.forEach(push)

  const acknowledge = (): void => {
    unacked = Infinity
    on.flush()
  }

  /** One timer for all that is taken meanwhile, for a timer costs more than a message. */
  const tick = (): void => {
    ticking = undefined
    if (unacked) acknowledge()
  }

  const ack = (): string => {
    unacked = 0
    lastSent = clock.now()
    return toJSON(position)
  }

  const work = (): number => Math.min(buffered, Math.max(MAX_BATCH, kept[0]?.size || 0)) / SLOWEST

  const deliver = (): void => {
    while (waiting.length && on.heard()) {
      const entry = waiting.shift()!
      ticking ||= clock.after(ACK_AFTER, tick)
      delivered++
      unacked++
      // A tag belongs to the last message: where there are tags, only all of them are acknowledged.
      if (!tag || !waiting.length) position = [delivered, tag]
      on.arrived(entry)
    }
  }

  return {
    get terms() {
      return hello
    },
    get roundTrip() {
      return rtt
    },
    get bufferedBytes() {
      return buffered
    },
    work,
    get acceptedUpTo() {
      return accepted
    },
    unaccepted: kept,
    get unsentCount() {
      return accepted + kept.length - handed
    },
    push,
    volatile,
    probe() {
      probe = '1'
      on.flush()
    },
    doubt: (expected, since) =>
      suspicion(
        expected,
        Math.max(behind, since) + slack,
        Math.max(unreceived, since),
        work(),
        rtt || 0,
      ),

    receive(down, bytes) {
      const { ack: theirs, batch } = down
      hello = down.hello || hello
      if (theirs) {
        const [named, got, done, last] = theirs
        if (epoch && named !== epoch) return on.forgotten('unknown')
        epoch = named
        head = Math.max(head, last)
        if (got > received) {
          received = got
          unreceived = got < handed ? clock.now() : Infinity
        }
        if (timed && got >= timed) {
          const sample = clock.now() - timedAt
          rtt = rtt ? rtt + (sample - rtt) / 8 : sample
          timed = 0
        }
        if (done > accepted) {
          for (const { size } of kept.splice(0, done - accepted)) buffered -= size
          accepted = done
        }
      }
      if (batch) {
        // What comes in shows that the rest is on its way.
        behind = Infinity
        const known = delivered + waiting.length + 1 - batch[0]
        if (known < 0) return on.forgotten('lost')
        const fresh = batch[1].slice(known)
        if (fresh.length) {
          waiting.push(...fresh)
          tag = down.tag || ''
          unacked += bytes + fresh.length * ACK_EACH
          deliver()
        }
      }
      if (head > delivered + waiting.length) behind = Math.min(behind, clock.now())
      else {
        behind = Infinity
        slack = 0
      }
      if (on.heard()) down.volatile?.forEach(on.arrived)
      // A quarter of the window is full, or this is a heartbeat and we were silent for long: any packet answers it.
      if (unacked > hello.window / 4 || clock.now() - lastSent > hello.heartbeat / 2) acknowledge()
    },

    deliver,

    link(url, credentials, token) {
      // A new cursor begins at what is accepted: whatever else was handed out may have been lost on its way.
      let cursor = accepted
      const self = {}
      // Bytes of the binary message that the last packet announced.
      let bytes: Uint8Array<ArrayBuffer> | undefined
      timed = 0
      // Another carrier begins with them anew, so it gets more time.
      if (behind < Infinity) slack += slack || 1_000

      const due = (): boolean => {
        cursor = Math.max(cursor, accepted)
        return !!(
          unacked > hello.window / 4 ||
          probe ||
          volatile[0] ||
          cursor < accepted + kept.length
        )
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
          if (cursor > received) unreceived = Math.min(unreceived, clock.now())
          if (!timed) {
            timed = cursor
            timedAt = clock.now()
          }
        }
        const passing = encode(volatile, 0, base64)
        volatile.splice(0, passing.length)
        const asked = probe
        probe = ''
        return {
          probe: asked,
          batch: entries[0] && '[' + first + ',[' + entries + ']]',
          volatile: passing[0] && '[' + passing + ']',
        }
      }

      return {
        ...clock,
        url,
        credentials,
        attach(more, base64) {
          wanted[++t] = self
          // A goodbye takes all along once more, for what is in flight is cut off with the page.
          if (more?.bye) cursor = 0
          due()
          // Integer keys come in ascending order (ECMA-262, 10.1.11).
          const want = +Object.keys(wanted)[0]!
          const body = packet({
            attach: toJSON({ version: VERSION, key, epoch, t, want, page, token }),
            ack: ack(),
            accepted,
            ...(base64 && fields(base64)),
            ...more,
          })
          return [body, t, PATIENCE + hello.heartbeat + body.length / SLOWEST]
        },
        frame() {
          const frame = bytes
          bytes = undefined
          return frame || (due() ? packet({ ack: ack(), ...fields() }) : undefined)
        },
        due,
        release(number) {
          if (number) delete wanted[number]
          else for (const each in wanted) if (wanted[each] === self) delete wanted[each]
        },
      }
    },

    save() {
      // Whatever is kept may be sent by the goodbye, or by the page that resumes.
      handed = accepted + kept.length
      return epoch ? { key, epoch, page: page!, position, accepted, log: kept } : undefined
    },
  }
}
