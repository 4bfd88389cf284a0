import type { TransportName } from 'rungs/protocol'
import type { SessionRecord } from './store/store.ts'

/** Small JSON state that is kept with a session, wherever its next message is handled. */
export type SessionData = { [name: string]: unknown }

export interface SendOptions {
  /** May be dropped where the session has no carrier at this moment. Neither numbered nor kept. Default `false`. */
  readonly volatile?: boolean
}

/** What a session can do; the hub does it. */
export interface SessionActions {
  send(id: string, data: unknown, options?: SendOptions): Promise<void>
  join(id: string, room: string): Promise<void>
  leave(id: string, room: string): Promise<void>
  close(id: string, code: number, reason: string): Promise<void>
}

/** One client, for as long as its session lives, whatever carries it. Not a connection. */
export class Session {
  /** Public id: the client's `socket.id`. */
  readonly id: string
  /** Whom `authenticate` found; empty for nobody in particular. */
  readonly user: string
  readonly #actions: SessionActions
  readonly #transport: TransportName | null
  /** As it was when the handler was called. */
  readonly #before: string
  #data: SessionData | undefined

  /** Made by the hub. */
  constructor(record: SessionRecord, actions: SessionActions) {
    this.id = record.id
    this.user = record.user
    this.#before = record.data
    this.#transport = record.transport
    this.#actions = actions
  }

  /** For the hub: the data as JSON text, if its handler changed it. */
  static changes(session: Session): string | undefined {
    // Most handlers never look at it.
    const text = session.#data && JSON.stringify(session.#data)
    return text === session.#before ? undefined : text
  }

  /** Change it in a handler; it is kept when the handler has settled. JSON only. */
  get data(): SessionData {
    return (this.#data ??= JSON.parse(this.#before) as SessionData)
  }

  set data(data: SessionData) {
    this.#data = data
  }

  /** Transport of the newest carrier when this handler was called; `null` if there was none. */
  get transport(): TransportName | null {
    return this.#transport
  }

  /**
   * Sends to this session, in order, exactly once. Without a carrier the message waits.
   * Resolves when the store has it. You need not await it: failures are logged.
   * @throws RungsError `invalid-message` or `message-too-large`.
   */
  send(data: unknown, options?: SendOptions): Promise<void> {
    return this.#actions.send(this.id, data, options)
  }

  /** Adds it to a room: `hub.to({ room })`. */
  join(room: string): Promise<void> {
    return this.#actions.join(this.id, room)
  }

  leave(room: string): Promise<void> {
    return this.#actions.leave(this.id, room)
  }

  /**
   * Ends it, for good: the client does not come back by itself. What was sent before still reaches a carrier that is
   * there; a client between two polls learns only of the end.
   */
  close(code = 1000, reason = 'closed'): Promise<void> {
    return this.#actions.close(this.id, code, reason)
  }
}
