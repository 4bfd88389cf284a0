/** A session without carriers: a test takes what goes up from it, and hands it what came down. */
import type { Attach, Down, Entry, Hello, Up } from '../../src/protocol.ts'
import { createMessage } from '../../src/protocol.ts'
import type { SavedSession } from '../../src/session/saved.ts'
import { createSession, type Session } from '../../src/session/session.ts'
import type { Link } from '../../src/transports/transport.ts'
import { manualClock, type ManualClock } from './clock.ts'

export const URL = 'https://server.example/rungs'

export const HELLO: Hello = {
  version: 1,
  id: 'public',
  epoch: 'e',
  heartbeat: 25_000,
  lifetime: 120_000,
  maxMessage: 1_000_000,
  maxBatch: 60_000,
  window: 40_000,
}

export interface SessionUnderTest {
  readonly clock: ManualClock
  readonly session: Session
  /** Data of the messages that arrived. */
  readonly got: unknown[]
  readonly entries: Entry[]
  readonly lost: string[]
  /** Messages that pass in no request: the first one's number, and the bytes of the smallest body that was refused. */
  readonly refused: { readonly data: unknown[]; readonly first: number; readonly bytes: number }[]
  /** How often it asked to send. */
  flushes(): number
  /** Whether somebody listens; true at first. */
  listening: boolean
  send(...data: readonly unknown[]): void
  link(token?: string): Link
}

export function sessionUnderTest(saved?: Partial<SavedSession>): SessionUnderTest {
  const clock = manualClock()
  let flushes = 0
  const test: SessionUnderTest = {
    clock,
    got: [],
    entries: [],
    lost: [],
    refused: [],
    listening: true,
    flushes: () => flushes,
    send: (...data) => data.forEach((each) => test.session.outbox.push(createMessage(each)!)),
    link: (token) => test.session.openLink({ url: URL, credentials: false, token }),
    session: createSession(
      clock,
      {
        onMessage(entry) {
          test.entries.push(entry)
          test.got.push(entry[0])
        },
        hasListeners: () => test.listening,
        onPending: () => void flushes++,
        onTokenAsked: () => {},
        onTooLarge: (messages, first, bytes) =>
          void test.refused.push({ data: messages.map(({ body }) => body), first, bytes }),
        onSessionLost: (reason) => void test.lost.push(reason),
      },
      saved,
    ),
  }
  return test
}

/** A packet that says how far the server is. */
export function ack(accepted: number, received: number = accepted, head = 0): Down {
  return { ack: [received, accepted, head] }
}

/** Packets that go up, one a line, as if they were one. */
export function up(text: string | Uint8Array | undefined): Up {
  if (typeof text !== 'string') throw new Error('this is no packet')
  return Object.assign({}, ...text.split('\n').map((line) => JSON.parse(line) as Up)) as Up
}

/** The first packet of a new carrier. */
export function attach(link: Link): Attach {
  return up(link.attach().text).attach!
}
