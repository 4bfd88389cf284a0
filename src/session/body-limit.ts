/**
 * Boxes on the way that refuse large bodies of requests: 1 MB is nginx's default, some firewalls take 8 KB. A body that was refused is
 * halved, until it passes.
 */

/** Bytes of the smallest body with messages that is tried. */
export const SMALLEST_BODY = 2_048
/** HTTP status of a body that is too large (RFC 9110, 15.5.14), and others that boxes use for it. */
const TOO_LARGE = 413
const SUSPICIOUS = [400, 403]

/** Bodies whose fate is not known that are kept. */
const MOST_UNANSWERED = 50

/** The body of a request, with numbered messages. */
export interface SentBody {
  readonly bytes: number
  readonly messages: number
  /** The messages have certainly not arrived in it. */
  takeBack(): void
}

export interface BodyLimit {
  /** Bytes that pass, as far as is known; 0: no body with messages does. */
  readonly bytes: number
  /** Whether a body has one numbered message at most, because several in a small one were refused. */
  readonly isSingle: boolean
  /** Whether no body with a message passes, while those without do. */
  readonly isConfirmed: boolean
  /** A body is on its way. */
  send(body: SentBody): void
  /**
   * A body was answered by no server, with this status; 0: the connection broke. Answers true if it is worth a second try, with a
   * smaller one. Larger ones whose fate is not known have certainly not arrived, either.
   */
  refuse(body: SentBody, status: number): boolean
  /** A body without messages was answered by no server. */
  refuseBare(): void
  /** A body has passed, with numbered messages or without. */
  pass(bytes: number, body?: SentBody): void
  /** The smallest body is tried once more. */
  tryAgain(): void
  /** The network is another one. */
  forget(): void
}

/** `known`: bytes that were learned before. `onChange`: they are to be remembered. */
export function createBodyLimit(
  known: number = Infinity,
  onChange: () => void = () => {},
): BodyLimit {
  let limit = known
  let isSingle = false
  let isConfirmed = false
  /** Whether the status of the last refusal says that the size was the reason. */
  let isCertain = false
  /** Large bodies whose connection broke, since one has passed. */
  let broken = 0
  /** Bodies that were not answered, perhaps because their carrier was closed. */
  let unanswered: readonly SentBody[] = []
  const change = (bytes: number): void => {
    limit = bytes
    isConfirmed = false
    onChange()
  }
  const halve = (bytes: number): void => {
    broken = 0
    change(Math.max(SMALLEST_BODY, bytes >> 1))
  }
  return {
    get bytes() {
      return limit
    },
    get isSingle() {
      return isSingle
    },
    get isConfirmed() {
      return isConfirmed
    },
    send(body) {
      unanswered = unanswered.concat(body).slice(-MOST_UNANSWERED)
    },
    refuse({ bytes, messages }, status) {
      isCertain = status === TOO_LARGE
      if (status && !isCertain && SUSPICIOUS.indexOf(status) < 0) return false
      if (!status) {
        // A small body is not the reason why its connection breaks, and one connection may break by accident.
        if (bytes > SMALLEST_BODY && ++broken > 1) halve(bytes)
        return false
      }
      unanswered.forEach((body) => body.bytes >= bytes && body.takeBack())
      unanswered = unanswered.filter((body) => body.bytes < bytes)
      if (bytes > SMALLEST_BODY) halve(bytes)
      else if (messages > 1) isSingle = true
      // Volatile messages alone are dropped.
      else if (messages) change(0)
      return true
    },
    refuseBare() {
      // A box that refuses every body has no limit, unless it says so.
      if (!limit && !isCertain) change(Infinity)
    },
    pass(bytes, passed) {
      unanswered = unanswered.filter((body) => body !== passed)
      if (bytes > SMALLEST_BODY) broken = 0
      if (!limit) isConfirmed = true
    },
    tryAgain() {
      if (!limit) change(SMALLEST_BODY)
    },
    forget() {
      limit = Infinity
      isSingle = isConfirmed = false
      unanswered = []
      broken = 0
    },
  }
}
