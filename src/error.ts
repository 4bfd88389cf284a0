/** `type` of a {@link RungsError}. */
export type ErrorType =
  /** `connect`: the URL is not http(s) or ws(s), or has a query or fragment. */
  | 'invalid-url'
  /** `connect`: an option has a value that it cannot have. */
  | 'invalid-option'
  /** `connect`, `setTransports`: the browser supports none of these transports, or lacks `crypto.getRandomValues`. */
  | 'unsupported'
  /** `connect`: this page is in a hidden frame of this library, because it was answered in place of the server's bridge. */
  | 'bridge-frame'
  /** `send`: neither JSON nor binary. */
  | 'invalid-message'
  /** `send`: larger than the server's `maxMessage`. `drained`: no request with a part of it passes; see `onRefused`. */
  | 'message-too-large'
  /** `send`: more than `maxBuffered` bytes would wait for the server. Nothing was queued. */
  | 'buffer-full'
  /** `send`, `setTransports`, `drained`: the socket is closed. */
  | 'closed'
  /** `drained`: the server no longer knows the session; see `onReset`. */
  | 'reset'

/** The only error that this library throws or rejects with. Switch on `type`; the message says what to do. */
export class RungsError extends Error {
  declare readonly type: ErrorType
  constructor(type: ErrorType, message: string) {
    super(message)
    this.name = 'RungsError'
    this.type = type
  }
}
