import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

for (const transport of TRANSPORTS) {
  test(`a page that goes elsewhere sends what it still has, and says goodbye if it cannot come back, on ${transport}`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const received: unknown[] = []
    const closed: string[] = []
    site.hub.onMessage((data) => void received.push(data))
    site.hub.onClose((_, reason) => void closed.push(reason.reason))
    // A page in the back/forward cache may come back, and says no goodbye. One that forbids to be stored is not kept there, but by WebKitGTK.
    site.headers('/', { 'Cache-Control': 'no-store' })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })
    await tab.run(() => {
      addEventListener('beforeunload', () => window.app.socket.send('last'))
    })
    await tab.goto(site.url('/blank.html'))
    const isCached = test.info().project.name === 'webkit'
    await until('the last words arrive', () => (isCached ? received : closed).length > 0, {
      timeout: 5_000,
    })
    expect([received, closed]).toEqual([['last'], isCached ? [] : ['closed']])
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
