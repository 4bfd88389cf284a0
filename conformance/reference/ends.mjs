/** Ends: refusals of requests and packets, and the last words of carriers (PROTOCOL.md 8). */

const ENDS = {
  malformed: [400, 'retry'],
  'unsupported-version': [400, 'final'],
  unauthorized: [401, 'final'],
  forbidden: [403, 'reset'],
  'origin-refused': [403, 'final'],
  'not-found': [404, 'retry'],
  'method-not-allowed': [405, 'retry'],
  timeout: [408, 'retry'],
  superseded: [409, 'retry'],
  taken: [409, 'reset'],
  lost: [410, 'reset'],
  gone: [410, 'reset'],
  closed: [410, 'final'],
  'too-large': [413, 'final'],
  'unsupported-encoding': [415, 'retry'],
  internal: [500, 'retry'],
  'too-many-sessions': [503, 'retry'],
}

/** An end, thrown where a check fails. `more` are fields beside `end` in its packet. */
export class End extends Error {
  constructor(type, reason, { code, then = ENDS[type][1], ...more } = {}) {
    super(`${type}: ${reason}`)
    const [status] = ENDS[type]
    this.type = type
    this.status = status
    this.closeCode = 4_000 + status
    const end = code === undefined ? [type, reason, then] : [type, reason, then, code]
    this.packet = { end, ...more }
  }

  /** The end that an error is for a client: its own, or `internal` for a fault of this server. */
  static of(error) {
    if (error instanceof End) return error
    console.error(error)
    return new End('internal', 'the server failed')
  }
}
