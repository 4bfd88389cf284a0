import { connectApp } from './support/app.ts'
import { expect, test } from './support/test.ts'

/** A binary message whose bytes are known, and larger as base64 than any of the limits. */
const SIZE = 900_000

for (const limit of [1_000_000, 8_192]) {
  for (const transport of ['sse', 'long-poll', 'short-poll', 'forever-iframe'] as const) {
    test(`${SIZE} bytes go up by ${transport} where bodies of requests have ${limit} bytes at most`, async ({
      network,
      site,
      tab,
    }) => {
      test.setTimeout(90_000)
      network.set({ 'limit-bodies': limit })
      const received: number[] = []
      site.hub.onMessage((data, session) => {
        const bytes = data as Uint8Array
        received.push(
          bytes.length,
          bytes.findIndex((byte, index) => byte !== index % 251),
        )
        void session.send('arrived')
      })
      await tab.goto(`${network.url}/`)
      await connectApp(tab, { transports: [transport] })
      const states = await tab.run(async (size) => {
        const { socket, received: heard, when, states: told } = window.app
        socket.send(Uint8Array.from({ length: size }, (_, index) => index % 251))
        await when('the message has arrived', () => heard.length > 0, 60_000)
        return told.map(({ state }) => state)
      }, SIZE)
      expect(received).toEqual([SIZE, -1])
      // The carrier lives on.
      expect(states).toEqual(['open'])
    })
  }
}
