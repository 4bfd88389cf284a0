import { MAX_TOKEN } from './protocol.ts'
import { callAsync } from './platform/engine.ts'
import type { CoreOptions } from './types.ts'

/** The option `auth`: where tokens come from. */
export interface TokenSource {
  /** Gets the token for the next carrier. */
  get(onToken: (token?: string) => void, onFailure: (reason: string) => void): void
  /** The server has refused the token. A function may get a new one, a fixed token would only be refused again. */
  onRefused(): void
  /** Whether there is no other token than the refused one. */
  isExhausted(): boolean
}

export function createTokenSource(auth: CoreOptions['auth']): TokenSource {
  let isExhausted = false
  return {
    get(onToken, onFailure) {
      if (isExhausted) onFailure('unauthorized')
      else if (typeof auth !== 'function') onToken(auth)
      else
        callAsync(
          auth,
          (token: unknown) => {
            if (token == null) onToken()
            else if (typeof token === 'string' && token.length <= MAX_TOKEN) onToken(token)
            else onFailure(`auth: no token of up to ${MAX_TOKEN} characters`)
          },
          (error) => onFailure(`auth: ${String(error)}`),
        )
    },
    onRefused() {
      isExhausted = typeof auth === 'string'
    },
    isExhausted: () => isExhausted,
  }
}
