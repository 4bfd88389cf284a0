import { connectApp } from './support/app.ts'
import { expect, test } from './support/test.ts'

/** Milliseconds until a rung that failed once is tried again, with some to spare. */
const COOL_DOWN = 45_000

for (const [title, sign] of [
  ['by itself', undefined],
  ['at once when the browser says that the network has changed', 'online'],
] as const) {
  test(
    `climbs back to WebSocket ${title}, and loses nothing`,
    { tag: '@matrix' },
    async ({ network, tab }) => {
      test.setTimeout(60_000 + COOL_DOWN)
      network.set({ 'reject-websocket': 403 })
      await tab.goto(`${network.url}/`)
      await connectApp(tab)
      expect(await tab.run(() => window.app.settled(['sse'], 300))).toBe('sse')

      network.clear()
      await tab.run((name) => {
        const { socket } = window.app
        let next = 0
        setInterval(() => socket.send(next++), 50)
        if (name) window.dispatchEvent(new Event(name))
      }, sign)
      await expect
        .poll(() => tab.run(() => window.app.socket.transport), {
          timeout: sign ? 5_000 : COOL_DOWN,
        })
        .toBe('websocket')
      const { received, states } = await tab.run(async () => {
        const { received: got, when, states: all } = window.app
        const before = got.length
        await when('messages flow on', () => got.length > before + 20)
        return { received: got, states: all.map(({ state }) => state) }
      })
      expect(received).toEqual(received.map((_, index) => index))
      expect(states).toEqual(['open'])
    },
  )
}
