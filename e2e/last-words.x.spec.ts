import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

for (const transport of TRANSPORTS) {
  test(`a page that goes elsewhere sends what it still has, and says goodbye, on ${transport}`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const received: unknown[] = []
    const closed: string[] = []
    site.hub.onMessage((data) => void received.push(data))
    site.hub.onClose((_, reason) => void closed.push(reason.reason))
    // What is in the back/forward cache may come back: a page that forbids to be stored cannot.
    site.headers('/', { 'Cache-Control': 'no-store' })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })
    await tab.run(() => {
      addEventListener('beforeunload', () => window.app.socket.send('last'))
    })
    await tab.goto(site.url('/blank.html'))
    await until('the last message and the goodbye arrive', () => closed.length > 0, {
      timeout: 5_000,
    })
    expect([received, closed]).toEqual([['last'], ['closed']])
  })
}

test('a socket that is closed sends what it has, though its carrier cannot', async ({
  startSite,
  tab,
}) => {
  const site = await startSite({ echo: false })
  const received: unknown[] = []
  const closed: string[] = []
  site.hub.onMessage((data) => void received.push(data))
  site.hub.onClose((_, reason) => void closed.push(reason.reason))
  await tab.goto(site.url('/'))
  await connectApp(tab, { transports: ['short-poll'] })
  await tab.run(() => {
    window.app.socket.send('only')
    window.app.socket.close(1000, 'enough')
  })
  await until('the goodbye arrives', () => closed.length > 0, { timeout: 5_000 })
  expect([received, closed]).toEqual([['only'], ['enough']])
})
