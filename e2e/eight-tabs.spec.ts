import type { PlainOptions } from './support/app.ts'
import { connectApp } from './support/app.ts'
import type { Faults } from 'rungs-faults'
import { expect, test } from './support/test.ts'

const TABS = 8

/** Milliseconds until the last tab has been heard and has heard, all of them opened at once. */
const SOON = 10_000

type Case = readonly [what: string, faults: Faults, options: PlainOptions, tag?: string]

const CASES: readonly Case[] = [
  // In Firefox, WebSockets count among the six.
  ['on a good network', {}, {}],
  ['without WebSocket', { 'reject-websocket': 403 }, {}],
  ['where WebSocket hangs', { 'never-answer-websocket': true }, {}],
  ['on sse or long-poll alone', {}, { transports: ['sse', 'long-poll'] }, '@matrix'],
  ['on long-poll alone', {}, { transports: ['long-poll'] }, '@matrix'],
]

// HTTP/1.1: the browser makes six connections to a host, for all tabs together.
for (const [what, faults, options, tag = []] of CASES) {
  const title = `${TABS} tabs of one browser all send and hear ${what}`
  test(title, { tag }, async ({ site, network, tab }) => {
    test.setTimeout(60_000)
    network.set(faults)
    const tabs = [tab]
    // One after the other: opening a tab takes the browser's attention.
    // oxlint-disable-next-line no-await-in-loop
    while (tabs.length < TABS) tabs.push(await tab.open())
    await Promise.all(tabs.map((each) => each.goto(`${network.url}/`)))

    const began = performance.now()
    await Promise.all(tabs.map((each) => connectApp(each, options)))
    const echoes = await Promise.all(
      tabs.map((each, index) =>
        each.run(async (text) => {
          const { socket, received, when } = window.app
          socket.send(text)
          await when('the echo came', () => received.length > 0)
          return received[0]
        }, `tab ${index}`),
      ),
    )
    expect(echoes).toEqual(tabs.map((_, index) => `tab ${index}`))

    site.hub.broadcast('to everybody')
    await Promise.all(
      tabs.map((each) =>
        each.run(() =>
          window.app.when('it heard the server', () => window.app.received[1] === 'to everybody'),
        ),
      ),
    )
    const ms = performance.now() - began
    const carriers = await Promise.all(
      tabs.map((each) => each.run(() => window.app.socket.transport)),
    )
    expect(ms, `the last of ${String(carriers)}`).toBeLessThan(SOON)
    expect(await Promise.all(tabs.map((each) => each.run(() => window.app.resets)))).toEqual(
      tabs.map(() => []),
    )
  })
}
