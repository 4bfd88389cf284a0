/** Rungs with the transports that you pass in, and no others in your bundle. */
import { connect as start } from './client.ts'
import { RungsError } from './error.ts'
import { ladder as climb } from './connection/ladder.ts'
import { reconnect } from './connection/reconnect.ts'
import type { CreateStrategy } from './connection/attempt.ts'
import type { CoreOptions, Data, Ladder, Socket } from './types.ts'

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
export function connect<In = Data, Out = Data>(
  url: string | undefined,
  options: CoreOptions,
): Socket<In, Out> {
  const { transports, ladder, remember } = options
  if ((transports[1] || remember) && !ladder)
    throw new RungsError('invalid-option', 'Pass ladder to climb or remember')
  return start<In, Out>(url, options, (ladder as CreateStrategy | undefined) || reconnect)
}

/** Climbs between several transports: the option `ladder`. Its inside is no API. */
export const ladder = climb as unknown as Ladder

export { RungsError }
export { remember, type Known, type Memory } from './connection/network-memory.ts'
export { resume } from './session/storage.ts'
export type { Keeper } from './session/saved.ts'
export { foreverIframe } from './transports/forever-iframe.ts'
export { longPoll } from './transports/long-poll.ts'
export { shortPoll } from './transports/short-poll.ts'
export { sse } from './transports/sse.ts'
export { websocket } from './transports/websocket.ts'
export type { Carrier, CarrierEvents, LinkRequest, Transport } from './transports/transport.ts'
export type * from './types.ts'
