/**
 * Boxes on the way that refuse large bodies of requests: 1 MB is nginx's default, some firewalls take 8 KB. A body that was refused is
 * halved, until it passes.
 */

/** Bytes of the smallest body with messages that is tried. */
export const SMALLEST_BODY = 2_048
/** HTTP status of a body that is too large (RFC 9110, 15.5.14), and others that boxes use for it. */
const TOO_LARGE = 413
const SUSPICIOUS = [400, 403]

export interface BodyLimit {
  /** Bytes that pass, as far as is known; 0: no body with messages does. */
  readonly bytes: number
  /**
   * A body of so many bytes was answered by no server, with this status; 0: the connection broke. Answers true if it is worth a
   * second try, with a smaller one.
   */
  refuse(bytes: number, status: number): boolean
  /** A body has passed. */
  pass(bytes: number): void
  /** The network is another one. */
  forget(): void
}

/** `known`: bytes that were learned before. `onChange`: they are to be remembered. */
export function createBodyLimit(
  known: number = Infinity,
  onChange: () => void = () => {},
): BodyLimit {
  let limit = known
  /** Large bodies whose connection broke, since one has passed. */
  let broken = 0
  const change = (bytes: number): void => {
    limit = bytes
    onChange()
  }
  return {
    get bytes() {
      return limit
    },
    refuse(bytes, status) {
      const isCertain = status === TOO_LARGE
      if (bytes <= SMALLEST_BODY) {
        // A box that refuses small bodies for another reason has no limit.
        if (!isCertain && limit <= SMALLEST_BODY) change(Infinity)
        if (isCertain) change(0)
        return isCertain
      }
      // One connection may break by accident.
      if (!status && ++broken < 2) return false
      if (status && !isCertain && SUSPICIOUS.indexOf(status) < 0) return false
      broken = 0
      change(Math.max(SMALLEST_BODY, bytes >> 1))
      return status > 0
    },
    pass(bytes) {
      if (bytes > SMALLEST_BODY) broken = 0
    },
    forget() {
      limit = Infinity
      broken = 0
    },
  }
}
