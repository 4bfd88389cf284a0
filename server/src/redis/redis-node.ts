/** A node as a store in Redis knows it: its channel, its readers, and what it is told. */
import { randomBytes } from 'node:crypto'
import type { OutgoingMessage } from '../store/outgoing-message.ts'
import type { StoreListener } from '../store/store.ts'
import type { Subscriptions } from './clients.ts'
import { decodeMessage, messageOfEntry, tagOf } from './entries.ts'
import { toAcceptedUpTo, toEnd } from './records.ts'
import type { Scripts } from './scripts.ts'

/** Milliseconds between two tries to subscribe, and to hear of oneself. */
const RETRY_INTERVAL = 1_000

/** The content of a notification, as JSON. One with a message has that behind a line feed. */
type Notification =
  | readonly [name: 'appended', sessions: readonly (readonly [string, number, string])[]]
  | readonly [name: 'published', ids: readonly string[]]
  | readonly [name: 'part', id: string, number: number, length: number]
  | readonly [name: 'accepted' | 'superseded', id: string, number: number]
  | readonly [name: 'token', id: string, ms: number | false]
  | readonly [name: 'ended', id: string, end: string]
  | readonly [name: 'probed' | 'room', id: string]
  | readonly [name: 'marker', name: string]

type StatusReply =
  | readonly [end: string]
  | readonly [
      end: '',
      next: number,
      readers: readonly number[],
      head: number,
      lastEntry: string | null,
    ]

export interface RedisNodeOptions {
  readonly listener: StoreListener
  readonly prefix: string
  readonly scripts: Scripts
  readonly subscriptions: Subscriptions
  /** Publishes a message on a channel. */
  readonly publish: (channel: string, message: string) => Promise<unknown>
  /** There may be room in the log down of a session. */
  readonly onRoom: (id: string) => void
}

export class RedisNode {
  /** Name of the node in Redis. */
  readonly id: string = randomBytes(9).toString('base64url')
  readonly #options: RedisNodeOptions
  readonly #channel: string
  /** Sequences of the readers of this node, by session. */
  readonly #readers = new Map<string, Set<number>>()
  readonly #markers = new Map<string, () => void>()
  #subscribed: Promise<void> | undefined
  #isGone = false

  constructor(options: RedisNodeOptions) {
    this.#options = options
    this.#channel = `${options.prefix}n:${this.id}`
    options.subscriptions.onReconnected(() => void this.#catchUp())
  }

  /** Readers of this node, as pairs of session and sequence. */
  get readers(): readonly (readonly [id: string, sequence: number])[] {
    return [...this.#readers].flatMap(([id, all]) =>
      [...all].map((sequence) => [id, sequence] as const),
    )
  }

  /** Settles once notifications arrive. A node that is told of nothing must have no reader. */
  subscribe(): Promise<void> {
    this.#subscribed ??= this.#subscribe()
    return this.#subscribed
  }

  async unsubscribe(): Promise<void> {
    this.#isGone = true
    await this.#options.subscriptions.delete(this.#channel)
  }

  addReader(id: string, sequence: number): void {
    const sequences = this.#readers.get(id)
    if (sequences) sequences.add(sequence)
    else this.#readers.set(id, new Set([sequence]))
  }

  removeReader(id: string, sequence: number): void {
    const sequences = this.#readers.get(id)
    if (sequences?.delete(sequence) && sequences.size === 0) this.#readers.delete(id)
  }

  supersede(id: string, sequence: number): void {
    this.removeReader(id, sequence)
    this.#options.listener.onSuperseded(id, sequence)
  }

  /** Settles once all that was published to this node until now has arrived. */
  async waitForNotifications(): Promise<void> {
    const name = randomBytes(6).toString('base64url')
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#markers.set(name, resolve)
      const send = (): void => {
        if (this.#isGone) resolve()
        else this.#publishMarker(name)
      }
      timer = setInterval(send, RETRY_INTERVAL).unref()
      send()
    })
    clearInterval(timer)
    this.#markers.delete(name)
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#options.subscriptions.add(this.#channel, (text) => this.#onMessage(text))
    } catch (error) {
      this.#subscribed = undefined
      throw error
    }
  }

  #publishMarker(name: string): void {
    // If that fails, it is done again.
    this.#options.publish(this.#channel, JSON.stringify(['marker', name])).catch(() => {})
  }

  /** The connection was cut, and with it notifications: looks at each session that has readers here. */
  async #catchUp(): Promise<void> {
    if (!this.#subscribed || this.#isGone) return
    // A client may say that it is connected before it has subscribed again.
    await this.waitForNotifications()
    for (const id of this.#readers.keys()) {
      try {
        this.#compare(id, (await this.#options.scripts.run('status', id, this.id)) as StatusReply)
      } catch {
        // Redis has failed again. Each reader looks into its log at its next heartbeat.
        return
      }
    }
  }

  /** Tells the hub of what it may have missed of a session. */
  #compare(id: string, status: StatusReply): void {
    const { listener } = this.#options
    if (status[0] !== '') {
      this.#end(id, status[0])
      return
    }
    const [, next, sequences, head, lastEntry] = status as Exclude<StatusReply, readonly [string]>
    for (const sequence of this.#readers.get(id) ?? []) {
      if (!sequences.includes(sequence)) this.supersede(id, sequence)
    }
    const acceptedUpTo = toAcceptedUpTo(next)
    if (acceptedUpTo > 0) listener.onAccepted(id, acceptedUpTo)
    // A reader that misses messages before this one reads them from the log.
    if (lastEntry !== null) {
      listener.onAppended(id, head, messageOfEntry(lastEntry), tagOf(lastEntry))
    }
  }

  #end(id: string, end: string): void {
    this.#readers.delete(id)
    this.#options.listener.onEnded(id, toEnd(end))
  }

  #onMessage(text: string): void {
    const lineFeed = text.indexOf('\n')
    const json = lineFeed < 0 ? text : text.slice(0, lineFeed)
    const message = lineFeed < 0 ? undefined : decodeMessage(text.slice(lineFeed + 1))
    this.#notify(JSON.parse(json) as Notification, message)
  }

  #notify(notification: Notification, message: OutgoingMessage | undefined): void {
    const { listener, onRoom } = this.#options
    switch (notification[0]) {
      case 'appended':
        for (const [id, number, tag] of notification[1]) {
          listener.onAppended(id, number, message!, tag)
        }
        break
      case 'published':
        for (const id of notification[1]) listener.onPublished(id, message!)
        break
      case 'part': {
        const [, id, number, length] = notification
        listener.onPartAdded(id, { number, length })
        break
      }
      case 'accepted':
        listener.onAccepted(notification[1], notification[2])
        break
      case 'superseded':
        this.supersede(notification[1], notification[2])
        break
      case 'token':
        listener.onTokenRenewed(notification[1], notification[2] || Infinity)
        break
      case 'ended':
        this.#end(notification[1], notification[2])
        break
      case 'probed':
        listener.onProbed(notification[1])
        break
      case 'room':
        onRoom(notification[1])
        break
      case 'marker':
        this.#markers.get(notification[1])?.()
        break
    }
  }
}
