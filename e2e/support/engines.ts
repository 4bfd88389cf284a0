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

/** The engines that are tested, by whether this machine has them. */
export interface Engines {
  readonly found: readonly Engine[]
  readonly missing: readonly Pick<Engine, 'name' | 'browserName'>[]
}

export function findEngines(env: NodeJS.ProcessEnv): Engines {
  const searches: [Pick<Engine, 'name' | 'browserName'>, Engine | undefined][] = [
    [{ name: 'chromium', browserName: 'chromium' }, findChromium()],
    [{ name: 'firefox', browserName: 'firefox' }, findFirefox()],
    [{ name: 'webkit', browserName: 'webkit' }, findWebKit()],
  ]
  if (env.E2E_WPE === '1') searches.push([{ name: 'wpe', browserName: 'webkit' }, findWPE()])
  return {
    found: searches.flatMap(([, engine]) => engine ?? []),
    missing: searches.filter(([, engine]) => !engine).map(([wanted]) => wanted),
  }
}

/**
 * The engines that become projects: those that were found, and with `REQUIRE_ALL_BROWSERS=1` those that are missing,
 * too, so that their tests can be listed; `require-engines.ts` keeps such a run from starting. Without that variable,
 * an engine that is missing is a warning.
 */
export function chooseEngines(env: NodeJS.ProcessEnv): readonly Engine[] {
  const { found, missing } = findEngines(env)
  // The configuration is loaded again in every worker; once is enough.
  if (env.TEST_WORKER_INDEX === undefined) {
    for (const { name } of missing) {
      console.warn(
        `e2e: no ${name} found, so its tests cannot run; ` +
          `\`npm run browsers\` or \`npx playwright install ${name}\` installs it`,
      )
    }
  }
  return env.REQUIRE_ALL_BROWSERS === '1' ? [...found, ...missing] : found
}
