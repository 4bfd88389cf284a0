import type { EndType, RetryBounds, Then } from 'rungs/protocol'
import type { End } from './store/store.ts'

/** Types of a {@link RungsError}. */
export type ErrorType =
  /** `attach`, `send`, `broadcast`: an option that does not exist, or whose value is not allowed. */
  | 'invalid-option'
  /** `send`, `broadcast`: the data is neither a JSON value nor binary. */
  | 'invalid-message'
  /** `send`, `broadcast`: the data is larger than the option `maxMessage`. */
  | 'message-too-large'
  /** `onOpen`, `onMessage`, `onClose`: the listener is not a function. */
  | 'invalid-listener'
  /** `close` of a session, `disconnect`: a code that is no whole number from 0 to 65,535, or a reason that is no text of up to 256 characters. */
  | 'invalid-close'
  /** `to`, `disconnect`: a target that names no session, user or room. */
  | 'invalid-target'
  /** `send`, `broadcast`: the hub is closed. Their promise rejects with it; nothing is thrown, so that a timer may go on. */
  | 'closed'

/** The only error that this package throws at the application. Switch on `type`; `message` says what to do. */
export class RungsError extends Error {
  override readonly name = 'RungsError'
  readonly type: ErrorType

  constructor(type: ErrorType, message: string) {
    super(message)
    this.type = type
  }
}

/** How a carrier ends. */
export interface CarrierEnd extends End {
  /** The client's next step, if it is another than that of the type. */
  readonly then?: Then
  /** Milliseconds after which the client is to come back, at least and at most. */
  readonly retryAfter?: RetryBounds
}

/** Why a request or a packet of a client is not served. The client is told the end; the application never sees this error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly end: CarrierEnd

  static of(end: CarrierEnd): Refusal {
    return new Refusal(end.type, end.reason, end)
  }

  constructor(type: EndType, reason: string, end: CarrierEnd = { type, reason }) {
    super(`${type}: ${reason}`)
    this.end = end
  }
}

/** A refusal whose cause is likely in the deployment, and not in the client: its operator should hear of it. */
export class DeploymentRefusal extends Refusal {}
