/** Rungs with all five transports. */
import { connect as climb } from './client.ts'
import { RungsError } from './error.ts'
import { ladder } from './connection/ladder.ts'
import { remember as memory } from './connection/network-memory.ts'
import { resume as keep } from './session/storage.ts'
import type { Transport } from './transports/transport.ts'
import { foreverIframe } from './transports/forever-iframe.ts'
import { longPoll } from './transports/long-poll.ts'
import { shortPoll } from './transports/short-poll.ts'
import { sse } from './transports/sse.ts'
import { websocket } from './transports/websocket.ts'
import type { Data, Options, Socket, TransportName } from './types.ts'

/** The ladder, best rung first. */
const LADDER: readonly Transport[] = [websocket, sse, longPoll, shortPoll, foreverIframe]

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
export function connect<In = Data, Out = Data>(
  url?: string,
  options: Options = {},
): Socket<In, Out> {
  const { resume, remember = true, transports = LADDER } = options
  return climb<In, Out>(
    url,
    {
      ...options,
      transports: transports.map((each) => {
        const [found = each] = LADDER.filter(({ name }) => name === each)
        if (typeof found === 'string')
          throw new RungsError('invalid-option', 'no transport ' + each)
        return found
      }),
      remember: remember ? memory() : undefined,
      resume: resume ? keep(resume === true ? undefined : resume) : undefined,
    },
    ladder,
  )
}

/** Which transports this browser has, whatever the network lets through. */
export function detect(): { readonly [name in TransportName]: boolean } {
  const found = {} as { [name in TransportName]: boolean }
  for (const transport of LADDER) found[transport.name] = transport.supported()
  return found
}

export { RungsError }
export type { Carrier, CarrierEvents, LinkRequest, Transport } from './transports/transport.ts'
export type * from './types.ts'
