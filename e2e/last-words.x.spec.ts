import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'
import type { Options } from '../src/types.ts'
import type { Site } from './support/server.ts'

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

/** Messages of three bytes a character, and more of them than one request that outlives its page has room for (64 KiB). */
const MANY = 8
const LENGTH = 9_000

/** Numbers of messages that arrive whole, in the order of their arrival, and the reasons of ended sessions. */
function listen(hub: Site['hub']) {
  const arrived: number[] = []
  const closed: string[] = []
  hub.onMessage((data) => {
    const [number, text] = data as [number, string]
    if (text === '\u20ac'.repeat(LENGTH)) arrived.push(number)
  })
  hub.onClose((_, { reason }) => void closed.push(reason))
  return { arrived, closed }
}

const NUMBERS = Array.from({ length: MANY }, (_, number) => number)

for (const transport of ['websocket', 'sse', 'long-poll'] as const) {
  for (const how of ['close', 'signal'] as const) {
    test(`${how} without a carrier that says goodbye says it behind all that waits, on ${transport}`, async ({
      network,
      site,
      tab,
    }) => {
      const { arrived, closed } = listen(site.hub)
      await tab.goto(`${network.url}/`)
      await tab.run(
        ({ names, when, by, many, length }) => {
          const controller = new AbortController()
          const options = { transports: names, signal: controller.signal }
          const socket = window.rungs.connect('/rungs', options as Options)
          return new Promise<void>((resolve) => {
            socket.onState(({ state }) => {
              if (state === 'open') resolve()
              if (state !== when) return
              for (let number = 0; number < many; number++) {
                socket.send([number, '\u20ac'.repeat(length)])
              }
              if (by === 'close') socket.close()
              else controller.abort()
            })
          })
        },
        {
          names: [transport],
          // A browser repeats a poll by itself whose connection was cut, and a poll never says goodbye.
          when: transport === 'long-poll' ? 'open' : 'reconnecting',
          ...{ by: how, many: MANY, length: LENGTH },
        },
      )
      network.cut()
      await until('the goodbye arrives', () => closed.length > 0)
      expect(arrived).toEqual(NUMBERS)
      expect(closed).toEqual([how === 'close' ? 'closed' : 'aborted'])
    })
  }

  test(`a page that goes elsewhere with more than 64 KiB sends as much as may outlive it, and the goodbye, on ${transport}`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const { arrived, closed } = listen(site.hub)
    site.headers('/', { 'Cache-Control': 'no-store' })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })
    await tab.run(
      ({ many, length }) => {
        addEventListener('beforeunload', () => {
          for (let number = 0; number < many; number++) {
            window.app.socket.send([number, '\u20ac'.repeat(length)])
          }
        })
      },
      { many: MANY, length: LENGTH },
    )
    await tab.goto(site.url('/blank.html'))
    const isCached = test.info().project.name === 'webkit'
    await until('the last words arrive', () => (isCached ? arrived : closed).length > 0)
    // 64 KiB have room for two messages (Fetch standard, 4.6).
    expect(arrived.length).toBeGreaterThanOrEqual(2)
    expect(arrived).toEqual(NUMBERS.slice(0, arrived.length))
    expect(closed).toEqual(isCached ? [] : ['closed'])
  })
}
