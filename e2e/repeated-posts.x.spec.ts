import { startFaultProxy } from './faults/proxy.mjs'
import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'

const COUNT = 40
const numbers = Array.from({ length: COUNT }, (_, i) => i)

for (const transport of TRANSPORTS.filter((name) => name !== 'websocket')) {
  test(`every message is handled once although requests are repeated and answers lost, on ${transport}`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const received: unknown[] = []
    site.hub.onMessage((data, session) => {
      received.push(data)
      return session.send(data)
    })
    const struck: string[] = []
    const proxy = await startFaultProxy({
      upstream: site.origin,
      log: (event) => void (event.type === 'fault' && struck.push(event.mode)),
    })
    try {
      await tab.goto(`${proxy.url}/`)
      await connectApp(tab, { transports: [transport] })
      proxy.set({
        // Chromium repeats such a request by itself: the server has handled it, and its connection was kept alive.
        'lose-answers': { then: 'reset', times: 4 },
        // So does many a proxy; here the client gets the answer to the repetition.
        'repeat-requests': { after: 20, answer: 'second' },
      })
      const back = await tab.run(async (messages) => {
        const { socket, received: echoed, when } = window.app
        for (const message of messages) {
          socket.send(message)
          // Many requests, with some of these messages in each.
          if (message % 4 === 3) await socket.drained()
        }
        await when('all came back', () => echoed.length >= messages.length)
        return echoed
      }, numbers)
      expect(back).toEqual(numbers)
      expect(received).toEqual(numbers)
      expect(new Set(struck)).toEqual(new Set(['lose-answers', 'repeat-requests']))
      expect(await tab.run(() => window.app.resets)).toEqual([])
    } finally {
      await proxy.close()
    }
  })
}
