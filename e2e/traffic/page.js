// @ts-check
/** The page's end of the numbered traffic, as `window.traffic`. */
import { connect } from '../../dist/rungs.min.mjs'
import { createEnd } from './end.js'

/** @import { ResetEvent, Socket, StateEvent, TransportEvent } from '../../src/types.ts' */
/** @import { PlainOptions } from '../support/app.ts' */

/** Changes that are kept, the last ones: a page may run for hours, and is watched for leaks. */
const KEPT = 100

/** @param {PlainOptions} options */
export function start(options) {
  const socket = /** @type {Socket} */ (connect('/rungs', options))
  const end = createEnd((number) => socket.send(number))
  /** @type {(ResetEvent | StateEvent)[]} */
  const ends = []
  /** @type {TransportEvent[]} */
  const changes = []
  socket.onMessage((number) => end.receive(Number(number)))
  socket.onReset((event) => ends.push(event))
  socket.onState((event) => event.state === 'closed' && ends.push(event))
  socket.onTransport((event) => {
    changes.push(event)
    if (changes.length > KEPT) changes.shift()
  })

  /** Date of the last event that brought the page back. */
  let woken = 0
  for (const name of ['online', 'resume', 'pageshow'])
    addEventListener(name, () => (woken = Date.now()), true)

  return {
    get woken() {
      return woken
    },
    socket,
    end,
    /** Resolves when there is a transport, and with the name of this one if it is given. @param {string} [name] */
    async carried(name) {
      const does = () => socket.transport && (!name || socket.transport === name)
      if (does()) return
      await new Promise((/** @type {(value?: undefined) => void} */ done) => {
        const off = socket.onTransport(() => {
          if (!does()) return
          off()
          done()
        })
      })
    },
    report: () => ({
      sent: end.sent,
      counts: end.tally.counts,
      /** What must not have happened: the session was lost, or the socket closed. */
      ends,
      changes,
      transport: socket.transport,
      buffered: socket.bufferedAmount,
      attempts: socket.attempts,
    }),
  }
}

Object.assign(window, {
  /** @param {PlainOptions} options */
  start(options) {
    window.traffic = start(options)
  },
})
