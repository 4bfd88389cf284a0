/** Rungs with all five transports. */
import { connect as connectWith } from './client.ts'
import { ladder } from './connection/ladder.ts'
import { remember as createMemory } from './connection/network-memory.ts'
import { RungsError } from './error.ts'
import { resume as createStorage } from './session/storage.ts'
import { ALL_TRANSPORTS } from './transports/all.ts'
import type { Data, Options, Socket, TransportName } from './types.ts'

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
export function connect<In = Data, Out = Data>(
  url?: string,
  options: Options = {},
): Socket<In, Out> {
  const { resume = false, remember = true, transports = ALL_TRANSPORTS } = options
  return connectWith<In, Out>(
    url,
    {
      ...options,
      transports,
      remember: remember ? createMemory() : undefined,
      resume: resume ? createStorage(resume === true ? undefined : resume) : undefined,
    },
    { createStrategy: ladder, known: ALL_TRANSPORTS },
  )
}

/** Which transports this browser has, whatever the network lets through. */
export function detect(): { readonly [name in TransportName]: boolean } {
  const found = {} as { [name in TransportName]: boolean }
  for (const transport of ALL_TRANSPORTS) found[transport.name] = transport.supported()
  return found
}

export { RungsError }
export type * from './transports/transport.ts'
export type * from './types.ts'
