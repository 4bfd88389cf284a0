/** Each configuration of each proxy in each of its browsers, with Rungs' behaviour as that file expects it. */
import { existsSync, mkdtempSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from '@playwright/test'
import { freePort } from '../support/process.ts'
import { playwrightTab, webdriverTab, type Tab } from '../support/tab.ts'
import { expect, test } from '../support/test.ts'
import type { Driver } from '../support/webdriver.ts'
import { makeCertificate } from './certificate.ts'
import { PROXIES } from './list.ts'
import { run } from './program.ts'
import { startSite, type ClientName, type Site } from './site.ts'
import type { Row } from './table.ts'
import { runTrial, type Outcome, type Tempo } from './trial.ts'
import type { BrowserName, Configuration, Running } from './types.ts'

const { env } = process
const quick = env.PROXIES_QUICK === '1'
const only = env.PROXIES_ONLY?.split(',')

/** 1,000 messages each way in four phases, half of the time idle; the quick half has 200 and hardly any idleness. */
const PHASES = 4
const half = (Number(env.PROXIES_MINUTES ?? 2) * 60_000) / PHASES / 2
const TEMPO: Tempo = quick
  ? { phases: 2, count: 100, gap: 10, idle: 500 }
  : { phases: PHASES, count: 250, gap: half / 250, idle: half }

/** Tabs of one browser; `forward`: the address of its proxy. */
interface Tabs {
  open(): Promise<Tab>
  close(): Promise<void>
}

async function openBrowser(
  browser: Browser,
  driver: Driver | undefined,
  forward?: string,
): Promise<Tabs> {
  if (driver) {
    const session = await driver.session()
    return { open: () => webdriverTab(session), close: () => session.stop() }
  }
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    ...(forward && { proxy: { server: forward, bypass: '<-loopback>' } }),
  })
  return {
    open: async () => playwrightTab(await context.newPage()),
    close: () => context.close(),
  }
}

/** The servers, the proxy in front of them, and the address of the page. */
async function setUp(
  configuration: Configuration,
  folder: string,
  peers: boolean,
): Promise<{ site: Site; running: Running | undefined; url: string; forward?: string }> {
  const { servers: count = 1, hub, plan, address = {} } = configuration
  const { scheme = 'http', host = '127.0.0.1', path = '/' } = address
  const certificate = makeCertificate(folder)
  const tls = !plan || (configuration.forward && scheme === 'https')
  const port = await freePort()
  const site = await startSite({
    count,
    hub: hub?.({ port }),
    certificate: tls ? certificate : undefined,
    peers,
  })
  const [server = ''] = site.servers
  if (!plan) return { site, running: undefined, url: `https://${server}${path}` }
  const scene = { folder, port, servers: site.servers, certificate }
  const loopback = host === '[::1]' ? '::1' : '127.0.0.1'
  const running = await run(plan(scene), scene, loopback)
  return configuration.forward
    ? { site, running, url: `${scheme}://${server}${path}`, forward: `http://127.0.0.1:${port}` }
    : { site, running, url: `${scheme}://${host}:${port}${path}` }
}

/** Expectations that are not met, in words. */
function complaints(configuration: Configuration, outcome: Outcome): string[] {
  const { transport, use = transport, resets = 0, flickers = 0 } = configuration.expect
  const { usable, settled, up, down, page, before, large, diagnosis } = outcome
  const wrong: string[] = []
  const want = (isSo: boolean, text: string): void => void (isSo || wrong.push(text))
  want(use === 'any' || diagnosis?.use === use, `diagnose() says use ${diagnosis?.use}, not ${use}`)
  if (transport === null) {
    want(usable === null, 'usable, though it should be refused')
    return wrong
  }
  want(usable !== null, 'no first echo')
  want(settled !== null, `${transport} did not settle`)
  want(page.transport === transport, `${page.transport} carries at the end, not ${transport}`)
  for (const [way, counts] of Object.entries({ up, down })) {
    const isExact = counts && counts.lost + counts.repeated + counts.reordered === 0
    want(!!isExact, `${way}: ${JSON.stringify(counts)}`)
  }
  const left = page.states.slice(before.states).filter(({ state }) => state !== 'open')
  want(left.length <= flickers, `${left.length} × not open: ${JSON.stringify(left)}`)
  want(page.resets.length <= resets, `resets: ${JSON.stringify(page.resets)}`)
  if (configuration.large)
    want(large === configuration.large, `of ${configuration.large} bytes ${large} arrived`)
  return wrong
}

async function runConfiguration(
  configuration: Configuration,
  folder: string,
  open: (forward?: string) => Promise<Tabs>,
  clients: readonly ClientName[],
): Promise<Row['outcomes']> {
  const { site, running, url, forward } = await setUp(configuration, folder, clients.length > 1)
  const tabs = await open(forward)
  const incidents = {
    reload: () => running!.reload(),
    'restart of the proxy': () => running!.restart(),
    'restart of the server': () => site.restart(),
  }
  const { incident, expect: expected, large, idle = 0 } = configuration
  // All clients live through the same one.
  let happened: Promise<void> | undefined
  const once = incident && ((): Promise<void> => (happened ??= incidents[incident]()))
  try {
    const outcomes = await Promise.all(
      clients.map(async (client) => {
        const own = client === 'rungs'
        const outcome = await runTrial(await tabs.open(), site, {
          url,
          client,
          id: client,
          tempo: { ...TEMPO, idle: Math.max(TEMPO.idle, idle) },
          ...(own && { settles: expected.transport, large }),
          incident: once,
          quiet: incident === 'restart of the server',
        })
        return [client, outcome] as const
      }),
    )
    return Object.fromEntries(outcomes)
  } finally {
    await tabs.close()
    await running?.stop()
    await site.close()
  }
}

for (const proxy of PROXIES.filter(({ name }) => !only || only.includes(name))) {
  for (const configuration of proxy.configurations) {
    if (quick && !configuration.quick) continue
    const { name, browsers = ['chromium'] } = configuration
    test(`${proxy.name}: ${name}`, async ({ browser, driver, browserName }, info) => {
      test.skip(!browsers.includes(browserName as BrowserName), 'another browser is asked for')
      test.skip(
        !!proxy.program && !existsSync(proxy.program),
        `${proxy.program} is missing; scripts/install-proxies all`,
      )
      const peers = !quick && browserName === 'chromium'
      const clients: ClientName[] = peers ? ['rungs', 'socket.io', 'sockjs'] : ['rungs']
      const folder = mkdtempSync(join(tmpdir(), 'rungs-proxy-'))
      // Proxies that were started by root work as another user.
      chmodSync(folder, 0o755)
      const open = (forward?: string): Promise<Tabs> => openBrowser(browser, driver, forward)
      try {
        const outcomes = await runConfiguration(configuration, folder, open, clients)
        const wrong = complaints(configuration, outcomes.rungs!)
        const row: Row = {
          proxy: proxy.name,
          configuration: name,
          browser: browserName,
          outcomes,
          wrong,
        }
        await info.attach('row', { body: JSON.stringify(row), contentType: 'application/json' })
        expect(wrong, JSON.stringify(outcomes.rungs, null, 1)).toEqual([])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  }
}
