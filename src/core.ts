/** Rungs with the transports that you pass in, and no others in your bundle. */
import { connect as connectWith } from './client.ts'
import { ladder as createLadder } from './connection/ladder.ts'
import { reconnect } from './connection/reconnect.ts'
import type { CreateStrategy } from './connection/strategy.ts'
import { RungsError } from './error.ts'
import type { CoreOptions, Data, Ladder, Socket } from './types.ts'

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
export function connect<In = Data, Out = Data>(
  url: string | undefined,
  options: CoreOptions,
): Socket<In, Out> {
  const { transports, ladder: climb, remember } = options
  if ((transports.length > 1 || remember) && !climb) {
    throw new RungsError(
      'invalid-option',
      'Several transports, or remember, need the option ladder; import { ladder } from "rungs/core" and pass it',
    )
  }
  const createStrategy = (climb as CreateStrategy | undefined) || reconnect
  return connectWith<In, Out>(url, options, { createStrategy, known: transports })
}

/** Changes between several transports: the value of the option `ladder`. Its inside is no API. */
export const ladder = createLadder as unknown as Ladder

export { RungsError }
export { remember, type NetworkMemory, type NetworkRecord } from './connection/network-memory.ts'
export type { Cooldown, Cooldowns } from './connection/candidates.ts'
export type { SavedSession, SessionStorage } from './session/saved.ts'
export { resume } from './session/storage.ts'
export { foreverIframe } from './transports/forever-iframe.ts'
export { longPoll } from './transports/long-poll.ts'
export { shortPoll } from './transports/short-poll.ts'
export { sse } from './transports/sse.ts'
export type * from './transports/transport.ts'
export { websocket } from './transports/websocket.ts'
export type * from './types.ts'
