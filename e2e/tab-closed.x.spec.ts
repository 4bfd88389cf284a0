import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

for (const transport of TRANSPORTS) {
  test(
    `the server is told soon that the tab was closed, on ${transport}`,
    { tag: '@tabs' },
    async ({ site, tab }) => {
      const closed: string[] = []
      site.hub.onClose((session) => void closed.push(session.id))
      await tab.goto(site.url('/blank.html')) // A browser that loses its last tab ends.
      const second = await tab.open()
      await second.goto(site.url('/'))
      await connectApp(second, { transports: [transport] })
      const id = await second.run(() => window.app.socket.id)
      await second.close()
      await until('the hub says that the session ended', () => closed.length > 0, {
        timeout: 5_000,
      })
      expect(closed).toEqual([id])
    },
  )
}
