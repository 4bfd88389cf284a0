/** A store of a contract test, with a node, and a clock that stands still until the test moves it. */
import type {
  Admission,
  AttachRequest,
  Cursor,
  End,
  SessionStore,
  StoreLimits,
} from '../../src/store/store.ts'
import { RecordingListener } from '../listener.ts'
import type { SharedStore } from '../shared-store.ts'
import { Clock, LIMITS, request } from '../store.ts'

export class StoreWorld {
  readonly clock: Clock
  readonly listener = new RecordingListener()
  readonly store: SessionStore
  readonly #shared: SharedStore
  readonly #limits: StoreLimits

  constructor(shared: SharedStore, clock: Clock, limits: Partial<StoreLimits>) {
    this.#shared = shared
    this.clock = clock
    this.store = shared.store
    this.#limits = { ...LIMITS, ...limits }
  }

  static async start(
    shared: SharedStore,
    clock: Clock,
    limits: Partial<StoreLimits>,
  ): Promise<StoreWorld> {
    const world = new StoreWorld(shared, clock, limits)
    await world.store.connect(world.listener, world.#limits)
    return world
  }

  /** Another node. */
  async addNode(): Promise<RecordingListener> {
    const listener = new RecordingListener()
    await this.store.connect(listener, this.#limits)
    return listener
  }

  /** All that a node was told. */
  async calls(listener: RecordingListener = this.listener): Promise<readonly unknown[][]> {
    await this.#shared.waitForNotifications(listener)
    return listener.calls
  }

  /** The admission of a request that must be admitted. */
  async admitted(
    asked: AttachRequest,
    listener: RecordingListener = this.listener,
  ): Promise<Admission> {
    const answer = await this.store.admit(listener, asked)
    if ('type' in answer) throw new Error(`refused: ${answer.type}, ${answer.reason}`)
    return answer
  }

  /** The refusal of a request that must be refused. */
  async refused(asked: AttachRequest): Promise<End> {
    const answer = await this.store.admit(this.listener, asked)
    if (!('type' in answer)) throw new Error('admitted')
    return answer
  }

  /** Creates and opens a session. Answers its id. */
  async openSession(key: string, other?: Parameters<typeof request>[1]): Promise<string> {
    const { id } = (await this.admitted(request(key, other))).session
    await this.store.claim(id, 0, 0, 'opener')
    await this.store.complete(id, 0, 'opener')
    return id
  }

  /** The log of a session after a position, as values. */
  async log(id: string, after = 0): Promise<unknown[]> {
    const backlog = await this.store.read(id, after, Infinity)
    if ('type' in backlog) throw new Error(`gone: ${backlog.reason}`)
    return backlog.messages.map(({ body }) => JSON.parse(String(body)) as unknown)
  }

  logs(...ids: readonly string[]): Promise<unknown[][]> {
    return Promise.all(ids.map((id) => this.log(id)))
  }

  /** The position of a client that has taken the messages up to a number, and so much of the next one. */
  async position(id: string, number: number, partial = 0): Promise<Cursor> {
    return [number, await this.tag(id, number), partial]
  }

  /** Tag of the position at a message that is in the log. */
  async tag(id: string, number: number): Promise<string> {
    if (number === 0) return ''
    const backlog = await this.store.read(id, number - 1, 1)
    if ('type' in backlog || backlog.first !== number) throw new Error(`${number} is not there`)
    return backlog.tags?.[0] ?? ''
  }
}
