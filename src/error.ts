import type { ErrorType } from './types.ts'

/** The only error this library throws or rejects with. Switch on `type`; the message says it, and what to do. */
export class RungsError extends Error {
  declare readonly type: ErrorType
  constructor(type: ErrorType, message: string) {
    super(type + ': ' + message)
    this.name = 'RungsError'
    this.type = type
  }
}
