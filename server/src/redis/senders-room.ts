/** Room for senders in logs down. The answer to each message says enough that most senders need not ask. */
import type { Target } from '../store/store.ts'
import type { Nodes } from './nodes.ts'
import { RoomWaiters, type Fill } from './room-waiters.ts'

/** Logs of which it is remembered how full they were after the last message. */
const MAX_REMEMBERED = 1_000

export class SendersRoom {
  readonly #nodes: Nodes
  readonly #waiters: RoomWaiters
  /** How full logs were after the last message of this process, until somebody asks. */
  readonly #fills = new Map<string, Pick<Fill, 'messages' | 'bytes'>>()
  /** Whether any log was crowded when this process last sent a message. */
  #areAnyCrowded = false

  constructor(nodes: Nodes) {
    this.#nodes = nodes
    this.#waiters = new RoomWaiters((id) => this.#ask(id))
    nodes.onRoom((id) => this.#waiters.wake(id))
  }

  /**
   * A message was appended.
   *
   * @param messages Messages of the log, if it was one; below 0 else.
   * @param bytes Bytes of them, and 64 for each.
   */
  note(
    targets: readonly Target[] | 'all',
    areAnyCrowded: boolean,
    messages: number,
    bytes: number,
  ): void {
    this.#areAnyCrowded = areAnyCrowded
    const [{ session = '' } = {}] = targets === 'all' ? [] : targets
    if (messages < 0 || !session) return
    if (this.#fills.size >= MAX_REMEMBERED) this.#fills.clear()
    this.#fills.set(session, { messages, bytes })
  }

  areCrowded(targets: readonly Target[] | 'all'): boolean | Promise<boolean> {
    // The sender that asks has just sent to these sessions.
    return this.#areAnyCrowded && this.#askCrowded(targets)
  }

  waitForRoom(id: string, bytes: number): Promise<void> | undefined {
    const { maxBufferedMessages, maxBufferedBytes } = this.#nodes.limits
    const hasRoom = (fill: Pick<Fill, 'messages' | 'bytes'>): boolean =>
      fill.messages === 0 ||
      (fill.messages <= (maxBufferedMessages * 3) / 4 && fill.bytes + bytes <= maxBufferedBytes)
    const known = this.#fills.get(id)
    this.#fills.delete(id)
    return known && hasRoom(known) ? undefined : this.#waiters.wait(id, () => hasRoom)
  }

  waitUntilAcknowledged(id: string): Promise<void> {
    return this.#waiters.wait(
      id,
      ({ head }) =>
        ({ base }) =>
          base >= head,
    )
  }

  async #ask(id: string): Promise<Fill | undefined> {
    const { scripts, any } = this.#nodes
    const reply = await scripts.run('awaitRoom', id, any.id)
    if (reply === null) return undefined
    const [messages, bytes, base, head] = reply as [number, number, number, number]
    return { messages, bytes, base, head }
  }

  async #askCrowded(targets: readonly Target[] | 'all'): Promise<boolean> {
    return (await this.#nodes.scripts.run('areCrowded', JSON.stringify(targets))) === 1
  }
}
