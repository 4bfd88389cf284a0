/** A store of a test, whose clock stands still until the test moves it. */
import { createMessage } from 'rungs/protocol'
import { MemoryStore } from '../src/store/memory-store.ts'
import { LogMessage } from '../src/store/outgoing-message.ts'
import type { Contact, Contacted, End, StoreLimits } from '../src/store/store.ts'
import { FakeNode } from './node.ts'

const LIMITS: StoreLimits = {
  sessionTtl: 60_000,
  maxSessions: 5,
  maxSessionsPerUser: 2,
  maxBufferedMessages: 4,
  maxBufferedBytes: 100,
}

export class Clock {
  ms = 1_000_000
  readonly now = (): number => this.ms

  pass(ms: number): void {
    this.ms += ms
  }
}

export const text = (data: unknown): LogMessage => new LogMessage(createMessage(data)!)

/** A contact of the client with this key; the first of it, if nothing else is said. */
export const from = (
  key: string,
  other: Partial<Contact> & { readonly user?: string } = {},
): Contact => {
  const { user = '', ...contact } = other
  return { who: { key, user }, t: 1, want: 1, page: [0, ''], position: [0, ''], ...contact }
}

export class StoreOfTest extends MemoryStore {
  readonly clock: Clock
  readonly node = new FakeNode()

  constructor(limits: Partial<StoreLimits> = {}, clock: Clock = new Clock()) {
    super(clock.now)
    this.clock = clock
    this.open(this.node, { ...LIMITS, ...limits })
  }

  /** Makes a contact that must come in. */
  enter(contact: Contact, node: FakeNode = this.node): Contacted {
    const found = this.contact(node, contact)
    if ('type' in found) throw new Error(`refused: ${found.type}, ${found.reason}`)
    return found
  }

  /** Makes a contact that must be refused. */
  refuse(contact: Contact): End {
    const found = this.contact(this.node, contact)
    if (!('type' in found)) throw new Error('not refused')
    return found
  }

  /** A session that was opened, and its id. */
  session(key: string, other?: Parameters<typeof from>[1]): string {
    const { id } = this.enter(from(key, other)).session
    this.take(id, 0, 0, 'opener')
    this.done(id, 0, 'opener')
    return id
  }

  /** The log of a session after a position, as values. */
  log(id: string, after = 0): unknown[] {
    const backlog = this.read(id, after, Infinity)
    if ('type' in backlog) throw new Error(`gone: ${backlog.reason}`)
    return backlog.messages.map(({ body }) => JSON.parse(String(body)) as unknown)
  }
}
