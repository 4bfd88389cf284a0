import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'

const REQUESTS = 40

for (const transport of TRANSPORTS.filter((name) => name !== 'websocket')) {
  test(
    `${transport} has two requests in flight at most while messages flow both ways`,
    { tag: '@matrix' },
    async ({ site, network, tab }) => {
      await tab.goto(`${network.url}/`)
      await connectApp(tab, { transports: [transport] })

      const flying: number[] = []
      const enough = new Promise<void>((resolve) => {
        network.log = ({ type }) => {
          if (type !== 'request') return
          flying.push(network.stats.live.request + network.stats.live.stream)
          if (flying.length === REQUESTS) resolve()
        }
      })
      await tab.run(() => void setInterval(() => window.app.socket.send('up'), 10))
      const down = setInterval(() => site.hub.broadcast('down'), 10)
      await enough
      clearInterval(down)
      expect(Math.max(...flying)).toBeLessThanOrEqual(2)
    },
  )
}
