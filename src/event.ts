import type { Off } from './types.ts'

/** A list of listeners. Subscribing returns what unsubscribes. */
export interface Event<A extends unknown[]> {
  on(listener: (...args: A) => void): Off
  emit(...args: A): void
  /** Whether anybody listens. */
  heard(): boolean
}

export function createEvent<A extends unknown[]>(): Event<A> {
  let listeners: ((...args: A) => void)[] = []
  return {
    on(listener) {
      // The same function may listen twice, and then stop once.
      const own = listener.bind(null)
      listeners = listeners.concat(own)
      return () => {
        listeners = listeners.filter((other) => other !== own)
      }
    },
    emit(...args) {
      listeners.forEach((listener) => {
        try {
          listener(...args)
        } catch (error) {
          // One listener's mistake must not keep a message from the others, nor stay unseen.
          setTimeout(() => {
            throw error
          })
        }
      })
    },
    heard: () => listeners.length > 0,
  }
}
