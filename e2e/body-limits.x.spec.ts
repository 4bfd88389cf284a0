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

/** Bytes of a limit below the smallest part, through which packets without messages and small messages pass. */
const TINY = 1_000

for (const status of [413, 403]) {
  test(`a message of which no part passes comes back, and others go on, where bodies above ${TINY} bytes are answered with ${status}`, async ({
    network,
    site,
    tab,
  }) => {
    test.setTimeout(60_000)
    network.set({ 'limit-bodies': { size: TINY, status }, 'reject-websocket': 403 })
    const arrived: string[] = []
    site.hub.onMessage((data) => {
      arrived.push(data as string)
    })
    await tab.goto(`${network.url}/`)
    await connectApp(tab, { transports: ['websocket', 'sse', 'long-poll', 'short-poll'] })
    const seen = await tab.run(async () => {
      const { socket, received, when, states, resets } = window.app
      const refused: unknown[] = []
      socket.onRefused(({ data, to, reason, limit }) =>
        refused.push({ data: (data as string).length, to, reason, isSmall: limit! <= 2_048 }),
      )
      socket.send('before')
      socket.send('x'.repeat(20_000), { to: 'nobody' })
      socket.send('behind')
      const drained = await socket.drained().catch(({ type }: { type: string }) => type)
      // Messages go on both ways.
      socket.send('after')
      await when('the others are echoed', () => received.includes('after'), 20_000)
      const told = states.map(({ state }) => state)
      return { refused, drained, received: [...received], told, resets: resets.length }
    })
    expect(seen).toEqual({
      refused: [{ data: 20_000, to: ['nobody'], reason: 'body-limit', isSmall: true }],
      drained: 'message-too-large',
      received: ['before', 'behind', 'after'],
      told: ['open'],
      resets: 0,
    })
    expect(arrived).toEqual(['before', 'behind', 'after'])
  })
}
