import type { Browser, BrowserContext } from '@playwright/test'
import { connectApp } from './support/app.ts'
import { expect, test as base } from './support/test.ts'
import { playwrightTab, type Tab } from './support/tab.ts'

const TABS = 8
/** A name that is no secure context (Secure Contexts, 3.1), so that there are no Web Locks. */
const NAME = 'rungs.test'
/** Milliseconds that an echo may take in a tab. */
const ECHO = 200
/** Milliseconds that the load of another page may take on a busy machine; what holds a connection holds it for 20 s. */
const LOAD = 2_500

const test = base.extend<{ context: BrowserContext }, { plain: Browser }>({
  /** A browser for which the name is this machine. */
  plain: [
    async ({ playwright, browserName, launchOptions }, use) => {
      const browser = await playwright[browserName].launch({
        ...launchOptions,
        args: [
          ...(launchOptions.args ?? []),
          ...(browserName === 'chromium' ? [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`] : []),
        ],
        firefoxUserPrefs: { ...launchOptions.firefoxUserPrefs, 'network.dns.localDomains': NAME },
      })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  context: async ({ plain }, use) => {
    const context = await plain.newContext()
    await use(context)
    await context.close()
  },
})

/** Milliseconds from sending to the echo, as the page sees it. */
const echoTime = (tab: Tab, text: string): Promise<number> =>
  tab.run(async (sent) => {
    const { socket, received, when } = window.app
    const began = performance.now()
    socket.send(sent)
    await when('the echo came', () => received.includes(sent))
    return performance.now() - began
  }, text)

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** Each of several things after the one before. */
async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  // oxlint-disable-next-line no-await-in-loop
  for (const one of all) results.push(await work(one))
  return results
}

test(`${TABS} tabs without Web Locks and WebSocket echo within ${ECHO} ms, and hold up no page load`, async ({
  network,
  site,
  context,
}) => {
  test.setTimeout(120_000)
  network.set({ 'reject-websocket': 403 })
  const url = `${network.url.replace('127.0.0.1', NAME)}/`
  const tabs = await inTurn(Array.from({ length: TABS }), async () =>
    playwrightTab(await context.newPage()),
  )
  await Promise.all(tabs.map((tab) => tab.goto(url)))
  expect(await tabs[0]!.run(() => [window.isSecureContext, 'locks' in navigator])).toEqual([
    false,
    false,
  ])
  await Promise.all(tabs.map((tab) => connectApp(tab)))
  const carriers = await Promise.all(
    tabs.map((tab) =>
      tab.run(() =>
        window.app.settled(['sse', 'long-poll', 'short-poll', 'forever-iframe'], 5_000),
      ),
    ),
  )

  const rounds = await inTurn(['a', 'b', 'c', 'd', 'e'], (round) =>
    inTurn(tabs, (tab) => echoTime(tab, round)),
  )
  const times = tabs.map((_, index) => median(rounds.map((round) => round[index]!)))
  const together = await Promise.all(tabs.map((tab) => echoTime(tab, 'together')))

  const another = await context.newPage()
  await another.goto(url)
  const load = await another.evaluate(() => performance.now())
  await tabs[0]!.reload()
  const reload = await tabs[0]!.run(() => performance.now())
  site.hub.broadcast('to everybody')
  await Promise.all(
    tabs
      .slice(1)
      .map((tab) =>
        tab.run(() =>
          window.app.when('it heard', () => window.app.received.includes('to everybody')),
        ),
      ),
  )

  const seen = JSON.stringify({ carriers, times, together, load, reload })
  test.info().annotations.push({ type: 'measured', description: seen })
  expect(Math.max(...times), seen).toBeLessThanOrEqual(ECHO)
  expect(Math.max(load, reload), seen).toBeLessThanOrEqual(LOAD)
  const resets = await Promise.all(tabs.slice(1).map((tab) => tab.run(() => window.app.resets)))
  expect(resets.flat()).toEqual([])
})
