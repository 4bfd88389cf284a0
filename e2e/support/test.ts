import { test as base, type Browser } from '@playwright/test'
import type { WebDriverEngine } from './engines.ts'
import { startFaultProxy } from '../faults/proxy.mjs'
import type { FaultProxy } from 'rungs-faults'
import { startSite, type Site, type SiteOptions } from './server.ts'
import { playwrightTab, webdriverTab, type Tab } from './tab.ts'
import { startDriver, type Driver } from './webdriver.ts'

export interface Options {
  /** Set where Playwright cannot drive the browser; `page` and `context` do not work then. */
  webdriver: WebDriverEngine | undefined
}

interface WorkerFixtures extends Options {
  driver: Driver | undefined
}

export interface Fixtures {
  /** The hub's options for {@link Fixtures.site}: `test.use({ hubOptions: { … } })`. */
  hubOptions: NonNullable<SiteOptions['hub']>
  /** Pages, and a hub that echoes. */
  site: Site
  /** Starts a site of other options, or of another origin; it ends with the test. */
  startSite: (options?: SiteOptions) => Promise<Site>
  /** The network in front of {@link Fixtures.site}, which a test can break for all that is Rungs: `network.set({ … })`. */
  network: FaultProxy
  tab: Tab
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  webdriver: [undefined, { scope: 'worker', option: true }],

  driver: [
    async ({ webdriver }, use) => {
      const driver = webdriver && (await startDriver(webdriver))
      await use(driver)
      await driver?.stop()
    },
    { scope: 'worker' },
  ],

  // Playwright's own fixture, but for a browser that only WebDriver can drive: there is nothing to launch.
  browser: [
    async ({ playwright, browserName, webdriver }, use) => {
      if (webdriver) return use(undefined as unknown as Browser)
      const browser = await playwright[browserName].launch()
      await use(browser)
      await browser.close()
    },
    { scope: 'worker', timeout: 0 },
  ],

  hubOptions: [{}, { option: true }],

  startSite: async ({}, use) => {
    const sites: Site[] = []
    await use(async (options) => {
      const site = await startSite(options)
      sites.push(site)
      return site
    })
    await Promise.all(sites.map((site) => site.close()))
  },

  site: ({ startSite, hubOptions }, use) => startSite({ hub: hubOptions }).then(use),

  network: async ({ site }, use) => {
    const proxy = await startFaultProxy({ upstream: site.origin, faults: { only: '/rungs' } })
    await use(proxy)
    await proxy.close()
  },

  tab: async ({ browser, driver }, use) => {
    if (driver) {
      const session = await driver.session()
      await use(await webdriverTab(session))
      await session.stop()
    } else {
      const context = await browser.newContext()
      await use(playwrightTab(await context.newPage()))
      await context.close()
    }
  },
})

export { expect } from '@playwright/test'
