/** Asks the application who a client is (PROTOCOL.md 6.1). */
import type { IncomingMessage } from 'node:http'
import { inspect } from 'node:util'
import type { Attach } from 'rungs/protocol'
import { Refusal } from '../errors.ts'
import type { Settings } from '../settings.ts'
import type { AuthenticatedClient } from '../store/store.ts'

/** The part of a request that the application sees. WebSockets keep the one of their handshake. */
export type Described = Pick<Attach, 'url' | 'protocols' | 'meta'>

/** The user whom the application finds. Fails with a {@link Refusal} `unauthorized`. */
export async function authenticate(
  settings: Settings,
  request: IncomingMessage,
  token: string | undefined,
  { url, protocols = [], meta }: Described,
): Promise<Omit<AuthenticatedClient, 'key'>> {
  const found: unknown = await settings.authenticate(request, token, { url, protocols, meta })
  if (typeof found === 'string') return { user: found }
  const { user, expires } = (found ?? {}) as { readonly user?: unknown; readonly expires?: unknown }
  if (typeof user !== 'string') throw new Refusal('unauthorized', 'authenticate found no user')
  if (expires === undefined) return { user }
  if (typeof expires !== 'number' || Number.isNaN(expires)) {
    throw new TypeError(
      `authenticate answered expires: ${inspect(expires)}; use milliseconds since 1970`,
    )
  }
  const tokenTtl = expires - Date.now()
  if (tokenTtl <= 0) throw new Refusal('unauthorized', 'the token has expired')
  return { user, tokenTtl }
}
