/** All five transports, as they work in Node once `installBrowser` was called. */
import { longPoll, shortPoll, sse, websocket } from '../../dist/esm/core.mjs'
import { openStream } from '../../dist/esm/transports/http-exchange.mjs'
import { readStream } from './node-browser.mjs'

/** @import { Transport } from '../../src/transports/transport.ts' */

/** The stream of scripts, without the frames of a page around it. @type {Transport} */
const foreverIframe = {
  name: 'forever-iframe',
  supported: () => true,
  open: (link, on) =>
    openStream(link, on, 'forever-iframe', (/** @type {string} */ ticket, { handleEvent, fail }) =>
      readStream(`${link.url}/forever-iframe?ticket=${ticket}`, {
        before: '">p(',
        after: ')</script>\n',
        onPacket: (text) => handleEvent(JSON.parse(text)),
        onEnd: () => fail('stream-ended'),
      }),
    ),
}

/** @type {readonly Transport[]} */
export const NODE_TRANSPORTS = [websocket, sse, longPoll, shortPoll, foreverIframe]
