/** Messages that were sent: those that are not delivered, and promises that wait until they are. */
import type { RungsError } from './error.ts'
import type { Outbox } from './session/outbox.ts'
import type { Message } from './protocol.ts'
import type { Leftovers, Undelivered } from './types.ts'

/** A message as the application has sent it. */
export function asSent<Out>({ body, peer }: Message): Undelivered<Out> {
  const data = (typeof body === 'string' ? JSON.parse(body) : body) as Out
  return peer ? { data, to: peer as readonly string[] } : { data }
}

/** The messages that the server has not accepted, as the application has sent them. */
export function leftoversOf<Out>({ messages, unsentCount }: Outbox): Leftovers<Out> {
  const undelivered = messages.map(asSent<Out>)
  const inDoubtCount = messages.length - unsentCount
  return { inDoubt: undelivered.slice(0, inDoubtCount), unsent: undelivered.slice(inDoubtCount) }
}

/** The promises of `drained()`. */
export interface Drain {
  /** Resolves when messages up to this number are accepted. */
  wait(sequence: number): Promise<void>
  /** Messages up to this number are accepted; or the session has ended, and all promises reject. */
  update(acceptedUpTo: number, error?: RungsError): void
  /** Rejects the promises that wait for messages from this number on, which have other numbers from now on. */
  reject(first: number, error: RungsError): void
}

export function createDrain(): Drain {
  let waiters: { sequence: number; resolve(): void; reject(error: RungsError): void }[] = []
  return {
    wait: (sequence) =>
      new Promise((resolve, reject) => {
        waiters.push({ sequence, resolve, reject })
      }),
    update(acceptedUpTo, error) {
      waiters = waiters.filter(({ sequence, resolve, reject }) => {
        const isAccepted = sequence <= acceptedUpTo
        if (isAccepted) resolve()
        else if (error) reject(error)
        return !isAccepted && !error
      })
    },
    reject(first, error) {
      const rejected = waiters.filter(({ sequence }) => sequence >= first)
      waiters = waiters.filter(({ sequence }) => sequence < first)
      rejected.forEach((waiter) => waiter.reject(error))
    },
  }
}
