import { existsSync } from 'node:fs'
import { chromium, firefox, webkit, type BrowserType, type LaunchOptions } from '@playwright/test'

/** A browser that Playwright cannot drive, and the W3C WebDriver server that can. */
export interface WebDriverEngine {
  readonly driver: string
  /** Arguments of the driver, without its port. */
  readonly browserOptions: string
  readonly binary: string
  readonly args: readonly string[]
  /** Whether the browser wants an X display; one is started for it. */
  readonly display: boolean
}

/** What a project of the configuration needs to know to reach its browser. */
export interface Engine {
  readonly name: string
  readonly browserName: 'chromium' | 'firefox' | 'webkit'
  readonly channel?: string
  readonly launchOptions?: LaunchOptions
  readonly webdriver?: WebDriverEngine
}

const chromiumArgs = [
  '--no-sandbox', // Chromium refuses to start as root without it, and containers run as root.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--disable-gpu',
]

function firstOf(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path))
}

/** Playwright's own build of an engine, where `playwright install` could fetch it. */
function bundled(type: BrowserType): boolean {
  return existsSync(type.executablePath())
}

function findChromium(): Engine | undefined {
  const engine = { name: 'chromium', browserName: 'chromium' } as const
  if (bundled(chromium)) return { ...engine, launchOptions: { args: chromiumArgs } }
  const executablePath = firstOf([
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ])
  return executablePath
    ? { ...engine, launchOptions: { args: chromiumArgs, executablePath } }
    : undefined
}

/**
 * Firefox 153 ends a content process with its last tab, and what the page sends in `pagehide` is lost with it: of 24
 * beacons none arrived on a busy machine, of 20 all did where the tabs of a site share one process.
 */
const firefoxUserPrefs = { 'dom.ipc.processCount.webIsolated': 1 }

function findFirefox(): Engine | undefined {
  const engine = { name: 'firefox', browserName: 'firefox' } as const
  if (bundled(firefox)) return { ...engine, launchOptions: { firefoxUserPrefs } }
  const executablePath = firstOf(['/usr/bin/firefox-esr', '/usr/bin/firefox'])
  // An unpatched Firefox speaks WebDriver BiDi. Playwright 1.65 sends it a command that Firefox 153 ESR lacks.
  return executablePath
    ? { ...engine, channel: 'moz-firefox', launchOptions: { executablePath, firefoxUserPrefs } }
    : undefined
}

function findWebKit(): Engine | undefined {
  const engine = { name: 'webkit', browserName: 'webkit' } as const
  if (bundled(webkit)) return engine
  const driver = firstOf(['/usr/bin/WebKitWebDriver'])
  const binary = firstOf(
    ['x86_64', 'aarch64'].flatMap((cpu) =>
      ['4.1', '6.0', '4.0'].map((abi) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-${abi}/MiniBrowser`),
    ),
  )
  if (!driver || !binary || !firstOf(['/usr/bin/Xvfb'])) return undefined
  return {
    ...engine,
    webdriver: {
      driver,
      browserOptions: 'webkitgtk:browserOptions',
      binary,
      args: ['--automation'],
      display: true,
    },
  }
}

/** WPE 2.38 is the WebKit of Safari 16. It has no second tab: tests tagged `@tabs` are not for it. */
function findWPE(): Engine | undefined {
  const driver = firstOf(['/usr/bin/WPEWebDriver'])
  const binary = firstOf(['/usr/bin/cog'])
  if (!driver || !binary) return undefined
  return {
    name: 'wpe',
    browserName: 'webkit',
    webdriver: {
      driver,
      browserOptions: 'wpe:browserOptions',
      binary,
      args: ['--automation', '--platform=headless'],
      display: false,
    },
  }
}

/** The engines that can be tested here. One that is missing is a warning; with `REQUIRE_ALL_BROWSERS=1`, an error. */
export function findEngines(env: NodeJS.ProcessEnv): Engine[] {
  const wanted: Record<string, Engine | undefined> = {
    chromium: findChromium(),
    firefox: findFirefox(),
    webkit: findWebKit(),
    ...(env.E2E_WPE === '1' && { wpe: findWPE() }),
  }
  for (const name in wanted) {
    if (wanted[name]) continue
    const message = `e2e: no ${name} found; \`npx playwright install ${name}\` or e2e/README.md says how to get it`
    if (env.REQUIRE_ALL_BROWSERS === '1') throw new Error(message)
    // The configuration is loaded again in every worker; once is enough.
    if (env.TEST_WORKER_INDEX === undefined) console.warn(`${message}. Its tests do not run.`)
  }
  return Object.values(wanted).filter((engine) => engine !== undefined)
}
