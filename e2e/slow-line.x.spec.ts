import type { TransportName } from '../src/types.ts'
import { connectApp } from './support/app.ts'
import { expect, test } from './support/test.ts'

const LENGTH = 500_000
/** Bytes a second, for all connections together. */
const SLOW = 300_000

const LADDERS: readonly (readonly TransportName[])[] = [
  ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe'],
  ['websocket'],
  ['sse', 'long-poll'],
  ['long-poll'],
]

for (const transports of LADDERS) {
  const title = `a large message comes down a slow line after a cut: ${transports.join(', ')}`
  test(title, { tag: '@matrix' }, async ({ site, network, tab }) => {
    test.setTimeout(60_000)
    const asked = new Promise<void>((resolve) => {
      site.hub.onMessage((_, session) => {
        resolve()
        return session.send('x'.repeat(LENGTH))
      })
    })
    await tab.goto(`${network.url}/`)
    await connectApp(tab, { transports })
    network.set({ bandwidth: { down: SLOW } })
    await tab.run(() => window.app.socket.send('please'))
    await asked
    network.cut()
    const lengths = await tab.run(async () => {
      const { received, when } = window.app
      await when('its echo and the large message have come', () => received.length > 1)
      return received.map((data) => (data as string).length)
    })
    expect(lengths).toEqual(['please'.length, LENGTH])
  })
}
