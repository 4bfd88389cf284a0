/** A handler queue over a store of a test. */
import { HandlerQueue, type ReceivedBatch } from '../src/delivery/handler-queue.ts'
import { Intake, type ReceivedPart } from '../src/delivery/intake.ts'
import type { MessageHandlers, ReceivedMessage } from '../src/delivery/run-handlers.ts'
import type { Awaitable, SessionRecord } from '../src/store/store.ts'
import { TestStore, request } from './store.ts'

export const messages = (...data: unknown[]): ReceivedMessage[] =>
  data.map((each) => ({ data: each, recipients: undefined }))

export const batch = (first: number, ...data: unknown[]): ReceivedBatch => ({
  first,
  messages: messages(...data),
})

/** A queue whose handler the test gives, and what it has run. */
export function setupQueue({
  store = new TestStore(),
  tracksCauses = true,
  nodeName = 'node',
} = {}) {
  const ran: unknown[] = []
  const failed: unknown[] = []
  const world = {
    store,
    ran,
    failed,
    /** Handles the data of a message, or `undefined` for the opening. */
    handler: (_data: unknown, _session: SessionRecord): Awaitable<string | undefined> => undefined,
  }
  const handlers: MessageHandlers = {
    handleOpening(session) {
      ran.push('open')
      return world.handler(undefined, session)
    },
    handleMessage(session, { data }) {
      ran.push(data)
      return world.handler(data, session)
    },
    onFailed(id, error) {
      failed.push(error)
      store.end(id, { type: 'gone', reason: 'handler-failed' })
    },
  }
  const queue = new HandlerQueue(store, handlers, { nodeName, tracksCauses })
  return Object.assign(world, { queue, handlers })
}

/** An intake before a queue, likewise. */
export function setupIntake({
  maxMessage = 10_000,
  ...options
}: Parameters<typeof setupQueue>[0] & { readonly maxMessage?: number } = {}) {
  const world = setupQueue(options)
  return Object.assign(world, { intake: new Intake(world.store, world.queue, maxMessage) })
}

/** A part of a text message, of the units from one offset to another. */
export function part(data: unknown, from: number, to: number): ReceivedPart {
  const text = JSON.stringify(data)
  return { recipients: undefined, data: text.slice(from, to), offset: from, size: text.length }
}

/** A session that nobody has opened. */
export const create = (store: TestStore, key = 'key'): string =>
  store.admitted(request(key)).session.id
