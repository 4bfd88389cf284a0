import { connectApp, openApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'

for (const transport of TRANSPORTS) {
  test(`${transport} reaches a hub of another origin that allows the page's`, async ({
    site,
    startSite,
    tab,
  }) => {
    const other = await startSite({ hub: { origins: [site.origin] } })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] }, other.url('/rungs'))
    expect(
      await tab.run(async () => {
        const { socket, received, when } = window.app
        socket.send('over there')
        await when('the echo came', () => received.length > 0)
        return [socket.transport, received]
      }),
    ).toEqual([transport, ['over there']])
  })

  test(`${transport} is refused by a hub of another origin that does not allow the page's`, async ({
    site,
    startSite,
    tab,
  }) => {
    const other = await startSite({ hub: { origins: ['https://example.com'] } })
    let opened = 0
    other.hub.onOpen(() => void opened++)
    await tab.goto(site.url('/'))
    await openApp(tab, { transports: [transport] }, other.url('/rungs'))
    if (transport === 'forever-iframe') {
      // The browser does not show the frame at all (frame-ancestors), so nobody can say why.
      await tab.run(() =>
        window.app.when('the rung has failed', () => window.app.transports.length > 0),
      )
      expect(await tab.run(() => window.app.transports[0])).toMatchObject({
        transport: null,
        reason: 'not-the-bridge',
      })
    } else {
      await tab.run(() =>
        window.app.when('the socket is closed', () => window.app.socket.state === 'closed'),
      )
      expect(await tab.run(() => window.app.states)).toMatchObject([
        { state: 'closed', reason: 'origin-refused' },
      ])
    }
    expect(opened).toBe(0)
  })
}

test('the whole ladder is refused with a typed reason, and is not tried again', async ({
  site,
  startSite,
  tab,
}) => {
  const other = await startSite({ hub: { origins: ['https://example.com'] } })
  await tab.goto(site.url('/'))
  await openApp(tab, {}, other.url('/rungs'))
  await tab.run(() =>
    window.app.when('the socket is closed', () => window.app.socket.state === 'closed'),
  )
  expect(await tab.run(() => window.app.states)).toMatchObject([
    { state: 'closed', reason: 'origin-refused' },
  ])
  expect(
    await tab.run(() => {
      try {
        return window.app.socket.send('too late')
      } catch (error) {
        return (error as { type?: string }).type
      }
    }),
  ).toBe('closed')
})
