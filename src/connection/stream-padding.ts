/**
 * Boxes on the way that hold back the head and the first kilobytes of a stream, as proxies do that may compress it. Padding
 * pushes them through, so the client asks for it, and the better transport may live.
 */

/** Bytes of padding that are asked for first, and where those do not help. */
const FIRST = 2_048
export const MOST_PADDING = 4_096

export interface StreamPadding {
  /** Bytes of padding to ask for; 0: none. */
  readonly bytes: number
  /** Nothing of a stream has come. Answers true if the next one is asked for with more padding, which may help. */
  noteHeldBack(): boolean
  /** The network is another one. */
  forget(): void
}

/** `bytes`: learned before; 0: nothing. */
export function createStreamPadding(bytes = 0): StreamPadding {
  return {
    get bytes() {
      return bytes
    },
    noteHeldBack() {
      if (bytes >= MOST_PADDING) return false
      bytes = bytes ? MOST_PADDING : FIRST
      return true
    },
    forget() {
      bytes = 0
    },
  }
}
