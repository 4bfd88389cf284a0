import type { Clock } from './platform/clock.ts'
import { callAsync } from './platform/engine.ts'
import { MAX_TOKEN } from './protocol.ts'
import type { CoreOptions } from './types.ts'

/** Milliseconds that a function has for its answer. One that hangs is a failed attempt. */
const DEADLINE = 10_000

/** The option `auth`: where tokens come from. */
export interface TokenSource {
  /** Gets the token for the next carrier. Carriers that ask while a call of the function runs share its answer. */
  get(onToken: (token?: string) => void, onFailure: (reason: string) => void): void
  /** The server has refused the token. A function may get a new one, a fixed token would only be refused again. */
  onRefused(): void
  /** Whether there is no other token than the refused one. */
  isExhausted(): boolean
}

export function createTokenSource(auth: CoreOptions['auth'], clock: Clock): TokenSource {
  let isExhausted = false
  /** Carriers that wait for the call that runs. */
  let waiting: Parameters<TokenSource['get']>[] = []

  const callAuth = (getToken: () => unknown): void => {
    const ours = waiting
    const settle = (tell: (carrier: Parameters<TokenSource['get']>) => void): void => {
      if (waiting !== ours) return
      cancelDeadline()
      waiting = []
      ours.forEach(tell)
    }
    const fail = (reason: string): void => settle(([, onFailure]) => onFailure(`auth: ${reason}`))
    const cancelDeadline = clock.after(DEADLINE, () => fail(`no answer for ${DEADLINE} ms`))
    callAsync(
      getToken,
      (token: unknown) => {
        if (token == null) settle(([onToken]) => onToken())
        else if (typeof token === 'string' && token.length <= MAX_TOKEN)
          settle(([onToken]) => onToken(token))
        else fail(`no token of up to ${MAX_TOKEN} characters`)
      },
      (error) => fail(String(error)),
    )
  }
  return {
    get(onToken, onFailure) {
      if (isExhausted) onFailure('unauthorized')
      else if (typeof auth !== 'function') onToken(auth)
      else if (waiting.push([onToken, onFailure]) === 1) callAuth(auth)
    },
    onRefused() {
      isExhausted = typeof auth === 'string'
    },
    isExhausted: () => isExhausted,
  }
}
