// @ts-check
/** Ways in which a connection dies, or a page goes away, and how soon messages must flow again. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { launch } from '../../bench/browser.mjs'
import { startFaultProxy } from '../faults/proxy.mjs'
import { bothReach, ladder, open } from './run.mjs'
import { TRANSPORTS } from './weather.mjs'

/** @import { AddressInfo } from 'node:net' */
/** @import { BrowserContext, Page } from '@playwright/test' */
/** @import { FaultProxy, Faults } from 'rungs-faults' */
/** @import { TransportName } from '../../src/types.ts' */
/** @import { TrafficServer } from './run.mjs' */

/** Milliseconds between heartbeats of the server; the usual 20 s would only make the tests longer. */
export const HEARTBEAT = 2_000
/** Milliseconds each way. */
const DELAY = 25
/** Two round trips and 300 ms: what a page that comes back is promised. */
const AWAKE = 4 * DELAY + 300
/** Milliseconds that a page is away: long enough for the times between attempts to have grown. */
const AWAY = 3_000
/** Milliseconds after which nobody waits any more. */
const GIVEN_UP = 20_000

/** @typedef {{ page: Page, context: BrowserContext, proxy: FaultProxy }} Scene */

/**
 * @typedef {object} Recovery
 * @property {string} name
 * @property {number} limit ms
 * @property {TransportName} [first] what carries when it happens; default `websocket`
 * @property {Faults} [faults] the network all the time, where the ladder finds `first` by itself; else `first` is its top
 * @property {boolean} [flowing] messages flow both ways all the time; else one is sent each way when it happens
 * @property {boolean} [quiet] the page says nothing: only silence tells that the connection is dead
 * @property {boolean} [sleeps] the page has a clock that can jump
 * @property {boolean} [plain] only a browser of {@link launchPlain} can do it
 * @property {(scene: Scene) => Promise<unknown>} [before] what leads to it
 * @property {(scene: Scene) => unknown} moment from here on time counts, or from an event of the page that it brings about
 */

/** @param {Pick<Scene, 'proxy'>} scene */
const diePath = ({ proxy }) => void proxy.silence({ lost: true, existing: true })

/** @type {(first: TransportName) => Recovery} */
const flowing = (first) => ({
  name: `half-open ${first} while messages flow`,
  first,
  flowing: true,
  limit: 3_000,
  moment: diePath,
})

/** @type {(first: TransportName) => Recovery} */
const idle = (first) => ({
  name: `half-open ${first} while idle`,
  first,
  quiet: true,
  limit: HEARTBEAT + 2_000,
  moment: diePath,
})

/** @type {readonly Recovery[]} */
export const RECOVERIES = [
  flowing('websocket'),
  flowing('sse'),
  flowing('long-poll'),
  flowing('forever-iframe'),
  idle('websocket'),
  idle('sse'),
  idle('long-poll'),
  {
    name: 'a WebSocket is reset',
    limit: AWAKE,
    moment: ({ proxy }) => proxy.cut('websocket'),
  },
  {
    name: 'a stream is reset where WebSocket hangs',
    first: 'sse',
    faults: { 'never-answer-websocket': true },
    limit: AWAKE,
    moment: ({ proxy }) => proxy.cut('stream'),
  },
  {
    name: 'offline, then online',
    plain: true,
    limit: AWAKE,
    async before({ context, proxy }) {
      // It does not cut what is open.
      await context.setOffline(true)
      proxy.refuse()
      proxy.cut()
      await sleep(AWAY)
      proxy.clear()
    },
    moment: ({ context }) => context.setOffline(false),
  },
  {
    name: 'another network, without a sign but `online`',
    limit: AWAKE,
    moment(scene) {
      diePath(scene)
      return scene.page.evaluate(() => void dispatchEvent(new Event('online')))
    },
  },
  {
    name: 'frozen, then resumed',
    plain: true,
    limit: AWAKE,
    async before(scene) {
      const { page, context } = scene
      const front = await context.newPage()
      await front.bringToFront()
      const cdp = await context.newCDPSession(page)
      await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
      diePath(scene)
      await sleep(AWAY)
    },
    async moment({ page, context }) {
      const cdp = await context.newCDPSession(page)
      await cdp.send('Page.setWebLifecycleState', { state: 'active' })
      await page.bringToFront()
    },
  },
  {
    name: 'back from the page cache',
    plain: true,
    limit: AWAKE,
    async before({ page, proxy }) {
      await page.goto(`${proxy.url}/elsewhere`)
      await sleep(AWAY)
    },
    async moment({ page }) {
      await page.evaluate(() => history.back())
      await page.waitForFunction(() => 'traffic' in window)
    },
  },
  {
    name: 'awake after the machine slept',
    limit: AWAKE,
    sleeps: true,
    before: async (scene) => diePath(scene),
    moment: ({ page }) => page.clock.fastForward(600_000),
  },
]

/**
 * A Chromium as people have it, with a page cache and with tabs that know when they are in the background: Playwright's
 * own settings, which tests want, are what keeps a page from being frozen.
 */
export async function launchPlain() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = /** @type {AddressInfo} */ (probe.address())
  probe.close()
  await once(probe, 'close')
  const browser = await launch({
    args: [`--remote-debugging-port=${port}`],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const plain = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  const [context] = plain.contexts()
  if (!context) throw new Error('the browser has no window')
  return {
    context,
    async close() {
      await plain.close()
      await browser.close()
    },
  }
}

/**
 * Lets it happen, and returns how many milliseconds it took until both ends heard of each other again.
 *
 * @param {BrowserContext} context
 * @param {TrafficServer} server with {@link HEARTBEAT}
 * @param {Recovery} recovery
 */
export async function recover(context, server, recovery) {
  const { first = 'websocket', before, moment } = recovery
  const faults = { only: '/rungs', delay: DELAY, ...recovery.faults }
  const proxy = await startFaultProxy({ upstream: server.origin, faults })
  const page = await context.newPage()
  const scene = { page, context, proxy }
  /** @type {ReturnType<TrafficServer['end']> | undefined} */
  let far
  try {
    if (recovery.sleeps) await page.clock.install()
    const transports = recovery.faults ? TRANSPORTS : ladder(first)
    const options = { transports, remember: false }
    far = server.end(await open(page, proxy.url, options))
    await page.evaluate((name) => window.traffic.carried(name), first)
    // A session that has not come back a second time does not live long (PROTOCOL.md 6.11).
    if (recovery.flowing) {
      far.flow(Infinity, 20)
      await page.evaluate(() => void window.traffic.end.flow(Infinity, 20))
    } else {
      far.say()
      await page.evaluate(() => void window.traffic.end.say())
    }
    const warm = recovery.flowing ? 50 : 1
    await bothReach(page, far, { up: warm, down: warm })
    await before?.(scene)

    const began = Date.now()
    await moment(scene)
    const said = await page.evaluate(
      (talks) => (talks ? window.traffic.end.say() : window.traffic.end.sent),
      !recovery.quiet,
    )
    const heard = far.say()
    const recovered = await Promise.race([
      bothReach(page, far, { up: said, down: heard }).then(() => true),
      sleep(GIVEN_UP, false, { ref: false }),
    ])
    const now = Date.now()
    const woken = await page.evaluate(() => window.traffic.woken)
    const { ends, changes, attempts } = await page.evaluate(() => window.traffic.report())
    if (!recovered || ends.length > 0) {
      const seen = JSON.stringify({ ends, changes, attempts })
      throw new Error(`${recovery.name}: not recovered in ${GIVEN_UP} ms: ${seen}`)
    }
    // A clock that has jumped says nothing about when.
    const from = recovery.sleeps ? began : Math.max(began, woken)
    return { ms: now - from, changes, attempts }
  } finally {
    far?.rest()
    await page.close()
    await proxy.close()
  }
}
