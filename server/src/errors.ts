import type { EndType } from 'rungs/protocol'
import type { End } from './store/store.ts'

/** `type` of a {@link RungsError}. */
export type ErrorType =
  /** `attach`: an option has a value that it cannot have. */
  | 'invalid-option'
  /** `send`: neither JSON nor binary. */
  | 'invalid-message'
  /** `send`: larger than `maxMessage`. */
  | 'message-too-large'
  /** `send`, `to`: a target that is none. */
  | 'invalid-target'
  /** The hub is closed. */
  | 'closed'

/** The only error this package throws. Switch on `type`; the message says what to do. */
export class RungsError extends Error {
  override readonly name = 'RungsError'
  readonly type: ErrorType

  constructor(type: ErrorType, message: string) {
    super(message)
    this.type = type
  }
}

/** A request that is not served; what a client is told of it. Never leaves this package. */
export class Refusal extends Error {
  readonly end: End

  static of({ type, reason, code }: End): Refusal {
    return new Refusal(type, reason, code)
  }

  constructor(type: EndType, reason: string, code?: number) {
    super(`${type}: ${reason}`)
    this.end = code === undefined ? { type, reason } : { type, reason, code }
  }
}
