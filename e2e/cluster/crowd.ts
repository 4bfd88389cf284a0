/** The clients of a cluster, in pages and in Node, as one crowd. */
import type { Browser, Page } from '@playwright/test'
import { start } from '../../bench/child.mjs'
import { TRANSPORTS } from '../traffic/weather.mjs'
import type { createPeer } from './peer.js'
import type { Sent } from './plan.js'

type Peer = ReturnType<typeof createPeer>
export type Outcome = Awaited<ReturnType<Peer['finish']>>

declare global {
  interface Window {
    start(options: object): Promise<boolean>
    peer: Peer
  }
}

/** Pages: one for each transport alone, and one with all of them. */
const LADDERS = [...TRANSPORTS.map((name) => [name]), TRANSPORTS]
export const PAGES = LADDERS.length

/** A large message, in parts, is one of so many. */
const LARGE_EVERY = 200

export interface Crowd {
  /** Each client sends a message each `gap` milliseconds from now on. */
  flow(gap: number): Promise<void>
  rest(): Promise<void>
  /** Messages that were sent until now. */
  total(): Promise<number>
  /** Waits at most so many milliseconds for all messages, and returns the outcome of each client. */
  finish(ms: number): Promise<Outcome[]>
  stop(): Promise<void>
}

/** Opens all pages, and so many Node clients. Settles when each is in its room. */
export async function gather(browser: Browser, url: string, clients: number): Promise<Crowd> {
  const peers = PAGES + clients
  const place = (index: number): object => ({ index, peers, largeEvery: LARGE_EVERY })
  const pages = await Promise.all(
    LADDERS.map(async (transports, index) => {
      // Six streams of one site would take all connections that one context has.
      const page = await (await browser.newContext()).newPage()
      await page.goto(url)
      await page.waitForFunction(() => 'start' in window)
      const options = { ...place(index), transports }
      if (await page.evaluate((options) => window.start(options), options)) return page
      throw new Error(`the page over ${transports.join()} did not get into its room`)
    }),
  )
  const node = await start(new URL('clients.mjs', import.meta.url).href)
  const places = Array.from({ length: clients }, (_, index) => place(PAGES + index))
  if (!(await node.call('start', `${url}/rungs`, places)))
    throw new Error('Node clients did not get into their rooms')

  const sent = async (): Promise<Peer['sent'][]> => [
    ...(await Promise.all(pages.map((page) => page.evaluate(() => window.peer.sent)))),
    ...((await node.call('sent')) as Peer['sent'][]),
  ]
  return {
    async flow(gap) {
      await Promise.all(pages.map((page) => page.evaluate((gap) => window.peer.flow(gap), gap)))
      await node.call('flow', gap)
    },
    async rest() {
      await Promise.all(pages.map((page) => page.evaluate(() => window.peer.rest())))
      await node.call('rest')
    },
    total: async () => (await sent()).reduce((sum, { total }) => sum + total, 0),
    async finish(ms) {
      const all = (await sent()).map(({ sent }) => sent)
      const outcomes = await Promise.all([
        node.call('finish', all, ms) as Promise<Outcome[]>,
        ...pages.map((page) => finishPage(page, all, ms)),
      ])
      return outcomes.flat()
    },
    async stop() {
      await node.stop()
      await Promise.all(pages.map((page) => page.context().close()))
    },
  }
}

async function finishPage(page: Page, all: readonly Sent[], ms: number): Promise<Outcome[]> {
  return [await page.evaluate(([all, ms]) => window.peer.finish(all, ms), [all, ms] as const)]
}
