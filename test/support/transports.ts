/** Transports that do what a test tells them. */
import type { Down, TransportName } from '../../src/protocol.ts'
import type { CarrierEvents, Link, Transport } from '../../src/transports/transport.ts'
import { HELLO } from './session.ts'

/** One use of a fake transport. */
export interface Attempt {
  readonly name: TransportName
  readonly link: Link
  readonly on: CarrierEvents
  flushes: number
  /** How it was closed: not yet, or with this goodbye, if any. */
  closed: false | 'silently' | { readonly bye: string }
  /** It proves itself. */
  ready(): void
  hear(down: Down): void
  fail(reason: string): void
}

/** What a transport does when it is opened. */
export type Script = (attempt: Attempt) => void

export interface FakeTransport extends Transport {
  readonly attempts: Attempt[]
}

export function fakeTransport(name: TransportName, script: Script = () => {}): FakeTransport {
  const attempts: Attempt[] = []
  return {
    name,
    instant: name.endsWith('poll'),
    attempts,
    supported: () => true,
    open(link, on) {
      const hear = (down: Down): void => {
        if (!attempt.closed) on.packet(down, 10)
      }
      const attempt: Attempt = {
        name,
        link,
        on,
        flushes: 0,
        closed: false,
        ready: () => hear({ hello: HELLO, ready: 1 }),
        hear,
        fail(reason) {
          if (attempt.closed) return
          attempt.closed = 'silently'
          on.closed(reason)
        },
      }
      attempts.push(attempt)
      script(attempt)
      return {
        flush: () => void attempt.flushes++,
        close(bye) {
          attempt.closed = bye ? { bye } : 'silently'
          return !!bye
        },
      }
    },
  }
}

export const opensAfter =
  (ms: number): Script =>
  ({ link, ready }) =>
    void link.clock.after(ms, ready)

/** Gives a sign of life every ten seconds, from now on. */
export const beats: Script = (attempt) => {
  const beat = (): void => {
    attempt.hear({})
    if (!attempt.closed) attempt.link.clock.after(10_000, beat)
  }
  attempt.link.clock.after(10_000, beat)
}

export const failsAfter =
  (ms: number, reason = 'refused'): Script =>
  ({ link, fail }) =>
    void link.clock.after(ms, () => fail(reason))

export const both =
  (...scripts: readonly Script[]): Script =>
  (attempt) =>
    scripts.forEach((script) => script(attempt))

/** A browser that refuses to make the connection at all. */
export const throws =
  (message: string): Script =>
  (attempt) => {
    attempt.closed = 'silently'
    throw new Error(message)
  }
