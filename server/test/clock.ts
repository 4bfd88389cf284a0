import { vi } from 'vitest'

/** Stops the clock of the hub until the test moves it. That of sockets goes on. */
export const stopClock = (): void =>
  void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
