/** Removes the listener that it was returned for. A second call does nothing. */
export type Unsubscribe = () => void

/** A list of listeners. Subscribing returns the function that unsubscribes. */
export interface Event<A extends unknown[]> {
  on(listener: (...args: A) => void): Unsubscribe
  emit(...args: A): void
  hasListeners(): boolean
}

export function createEvent<A extends unknown[]>(): Event<A> {
  let listeners: ((...args: A) => void)[] = []
  return {
    on(listener) {
      // The same function may be added twice, and each of the two is removed by its own call.
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
          // A listener's mistake must neither keep the message from the other listeners nor stay unseen.
          setTimeout(() => {
            throw error
          })
        }
      })
    },
    hasListeners: () => listeners.length > 0,
  }
}
