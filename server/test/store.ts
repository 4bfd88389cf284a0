/** A store of a test, whose clock stands still until the test moves it. */
import { createMessage } from 'rungs/protocol'
import { MemoryStore } from '../src/store/memory-store.ts'
import { OutgoingMessage } from '../src/store/outgoing-message.ts'
import type { Admission, AttachRequest, End, Page, StoreLimits } from '../src/store/store.ts'
import { RecordingListener } from './listener.ts'

export const LIMITS: StoreLimits = {
  sessionTtl: 60_000,
  heartbeat: 20_000,
  maxSessions: 5,
  maxSessionsPerUser: 2,
  maxBufferedMessages: 4,
  maxBufferedBytes: 2_000,
  maxMemory: 1_000_000,
  maxSessionsPerAddress: 2,
}

export class Clock {
  ms = 1_000_000
  readonly now = (): number => this.ms

  pass(ms: number): void {
    this.ms += ms
  }
}

export const message = (data: unknown): OutgoingMessage => new OutgoingMessage(createMessage(data)!)

export const page = (generation: number, holder: string): Page => ({ generation, holder })

/** The first request of a client with this key, except for the fields given. */
export const request = (
  key: string,
  { user = '', ...other }: Partial<AttachRequest> & { readonly user?: string } = {},
): AttachRequest => ({
  identity: { key, user },
  sequence: 1,
  lowestWanted: 1,
  page: page(0, ''),
  position: [0, ''],
  ...other,
})

export class TestStore extends MemoryStore {
  readonly clock: Clock
  readonly listener = new RecordingListener()

  constructor(limits: Partial<StoreLimits> = {}, clock: Clock = new Clock()) {
    super(clock.now)
    this.clock = clock
    this.connect(this.listener, { ...LIMITS, ...limits })
  }

  /** The admission of a request that must be admitted. */
  admitted(asked: AttachRequest, listener: RecordingListener = this.listener): Admission {
    const answer = this.admit(listener, asked)
    if ('type' in answer) throw new Error(`refused: ${answer.type}, ${answer.reason}`)
    return answer
  }

  /** The refusal of a request that must be refused. */
  refused(asked: AttachRequest): End {
    const answer = this.admit(this.listener, asked)
    if (!('type' in answer)) throw new Error('admitted')
    return answer
  }

  /** Creates and opens a session. Answers its id. */
  openSession(key: string, other?: Parameters<typeof request>[1]): string {
    const { id } = this.admitted(request(key, other)).session
    this.claim(id, 0, 0, 'opener')
    this.complete(id, 0, 'opener')
    return id
  }

  /** The log of a session after a position, as values. */
  log(id: string, after = 0): unknown[] {
    const backlog = this.read(id, after, Infinity)
    if ('type' in backlog) throw new Error(`gone: ${backlog.reason}`)
    return backlog.messages.map(({ body }) => JSON.parse(String(body)) as unknown)
  }
}
