import { inspect } from 'node:util'
import type { TransportName } from 'rungs/protocol'
import { RungsError } from './errors.ts'
import type { SessionRecord } from './store/store.ts'

/** The code of an end for which the application has none of its own. */
export const DEFAULT_CLOSE_CODE = 1_000
const MAX_CODE = 65_535
/** Characters. */
const MAX_REASON = 256

/** Small JSON state that is kept with a session, on whichever node its next message is handled. */
export type SessionData = { [name: string]: unknown }

/** Options of `send` and `broadcast`. */
export interface SendOptions {
  /**
   * Whether the message may be dropped where a session has a slow carrier, or none. A volatile message is not numbered; a
   * session that is between two polls gets the latest few with the next one. At most `maxBatch` bytes. Default `false`.
   */
  readonly volatile?: boolean
  /**
   * Names the message, in up to 256 characters: another one of this name is dropped for `sessionTtl` after it, whichever node sends
   * it, to whomever. For what is sent again because nobody knows whether it was sent: by a job that runs again, a webhook that is
   * repeated, or another node when one has died. Not for volatile messages.
   */
  readonly id?: string
}

/** The hub, as sessions use it. */
export interface SessionActions {
  send(id: string, data: unknown, options?: SendOptions): Promise<void>
  drained(id: string): Promise<void>
  join(id: string, room: string): Promise<void>
  leave(id: string, room: string): Promise<void>
  close(id: string, code: number, reason: string): Promise<void>
}

/** One client for as long as its session lives, whatever carries it. Not a connection. */
export class Session {
  /** Public id: `socket.id` of the client. */
  readonly id: string
  /** User id that `authenticate` returned; `''` for nobody in particular. */
  readonly user: string
  /** Transport of the newest carrier when this handler was called; `null` if there was none. */
  readonly transport: TransportName | null
  /** Path and query by which the client addressed the application; `undefined` if it did not say. */
  readonly url: string | undefined
  /** The first of the client's subprotocols that the option `protocols` has; `undefined` if there is none. */
  readonly protocol: string | undefined
  readonly #record: SessionRecord
  readonly #actions: SessionActions
  readonly #meta: string | undefined
  /** The data when the handler was called, as JSON text. */
  readonly #dataBefore: string
  /** The data, once it was looked at: most handlers never do. */
  #data: SessionData | undefined

  /** Made by the hub for each call of a handler. */
  constructor(record: SessionRecord, actions: SessionActions) {
    this.#record = record
    this.id = record.id
    this.user = record.user
    this.transport = record.transport
    this.url = record.url
    this.protocol = record.protocol
    this.#meta = record.meta
    this.#actions = actions
    this.#dataBefore = record.data
  }

  /** For the hub: the data as JSON text if a handler changed it. Throws if it is no JSON any more. */
  static changedData(session: Session): string | undefined {
    const text = session.#data && JSON.stringify(session.#data)
    return text === session.#dataBefore ? undefined : text
  }

  /** The client's description of itself when the session was made: small JSON, which nobody has checked. */
  get meta(): unknown {
    return this.#meta === undefined ? undefined : (JSON.parse(this.#meta) as unknown)
  }

  /** State of the session. Change it in a handler; it is saved when the handler has settled. JSON only. Default `{}`. */
  get data(): SessionData {
    return (this.#data ??= JSON.parse(this.#dataBefore) as SessionData)
  }

  set data(data: SessionData) {
    this.#data = data
  }

  /**
   * Bytes of the messages that the client has not acknowledged, and 64 for each. With a store that is not in this process, as it was
   * when this handler was called.
   */
  get bufferedAmount(): number {
    return this.#record.bufferedAmount
  }

  /**
   * Sends to this session, in order and exactly once. Without a carrier the message waits. The promise resolves when the store
   * has the message, and the session's log has room for another one of `maxMessage` bytes and at most three quarters of
   * `maxBufferedMessages`; or when the session ends. So a handler that awaits it sends as fast as its client takes, and does not end
   * the session with `overflow`. It need not be awaited, because failures are logged.
   *
   * @param data A string, a JSON value, an `ArrayBuffer` or a view of one, which is copied.
   * @throws RungsError `invalid-message`, `message-too-large` or `invalid-option`, at once. After `hub.close()` the promise rejects with `closed`.
   */
  send(data: unknown, options?: SendOptions): Promise<void> {
    return this.#actions.send(this.id, data, options)
  }

  /** Resolves once the client has acknowledged everything that was sent to this session until now, or the session has ended. */
  drained(): Promise<void> {
    return this.#actions.drained(this.id)
  }

  /** Adds the session to a room, which `hub.to({ room })` addresses. */
  join(room: string): Promise<void> {
    return this.#actions.join(this.id, room)
  }

  /** Takes the session out of a room. */
  leave(room: string): Promise<void> {
    return this.#actions.leave(this.id, room)
  }

  /**
   * Ends the session for good: the client does not come back by itself. Messages sent before still reach a carrier that is
   * there. A client between two polls learns only of the end.
   *
   * @param code A number for the client's application, from 0 to 65,535. Default 1000.
   * @param reason A text for the client's application, of up to 256 characters. Default `closed`.
   * @throws RungsError `invalid-close`, at once.
   */
  close(code: number = DEFAULT_CLOSE_CODE, reason = 'closed'): Promise<void> {
    checkClose(code, reason)
    return this.#actions.close(this.id, code, reason)
  }
}

/** Throws a {@link RungsError} unless code and reason can travel to the client (PROTOCOL.md 4.2). */
export function checkClose(code: unknown, reason: unknown): void {
  if (!Number.isSafeInteger(code) || Number(code) < 0 || Number(code) > MAX_CODE) {
    throw new RungsError(
      'invalid-close',
      `The code is ${inspect(code)}; use a whole number from 0 to ${MAX_CODE}`,
    )
  }
  if (typeof reason !== 'string' || reason.length > MAX_REASON) {
    throw new RungsError(
      'invalid-close',
      `The reason is ${inspect(reason)}; use a text of up to ${MAX_REASON} characters`,
    )
  }
}
