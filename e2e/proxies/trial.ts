/** One client in one page behind one proxy: numbered messages both ways, idleness between them, and what came of it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../src/diagnose/types.ts'
import type { TransportName } from '../../src/types.ts'
import type { Tab } from '../support/tab.ts'
import type { PageReport } from './globals.ts'
import type { ClientName, Site } from './site.ts'

/** The traffic of a trial: phases of messages, with idleness before each. */
export interface Tempo {
  readonly phases: number
  /** Messages each way in a phase. */
  readonly count: number
  /** Milliseconds from one to the next. */
  readonly gap: number
  /** Milliseconds of idleness before each phase. */
  readonly idle: number
}

export interface Trial {
  readonly url: string
  readonly client: ClientName
  /** Name of this page's traffic. */
  readonly id: string
  readonly tempo: Tempo
  /** Transport to be waited for before the traffic begins. */
  readonly settles?: TransportName | null
  readonly large?: number | undefined
  /** Happens in the middle of the traffic of the second phase; without messages under way if `quiet`. */
  readonly incident?: (() => Promise<void>) | undefined
  readonly quiet?: boolean
}

type Counts = PageReport['counts']

export interface Outcome {
  /** Milliseconds from `connect` to the first echo; `null` if there was none. */
  readonly usable: number | null
  /** Milliseconds from `connect` until the wanted transport carried; `null` if it did not. */
  readonly settled: number | null
  readonly up: Counts | null
  readonly down: Counts | null
  readonly page: PageReport
  /** States and resets before the traffic began. */
  readonly before: { readonly states: number; readonly resets: number }
  readonly large: number | null
  readonly diagnosis: Report | null
}

/** Milliseconds for the first echo, and for a transport to settle: a failed one cools down for 20 s. */
const USABLE = 15_000
const SETTLED = 45_000
/** Milliseconds after which a message that is still missing is lost. */
const LATE = 20_000

const waitUsable = (ms: number): Promise<number | null> =>
  new Promise((done) => {
    const began = Date.now()
    const look = (): void => {
      const { usable } = window.trial
      if (usable !== null || Date.now() - began > ms) done(usable)
      else setTimeout(look, 20)
    }
    look()
  })

/** Resolves with whether this transport carried for a second. */
const waitTransport = ({ name, ms }: { name: string; ms: number }): Promise<boolean> =>
  new Promise((done) => {
    const began = Date.now()
    let since: number | undefined
    const look = (): void => {
      since = window.trial.client.transport() === name ? (since ?? Date.now()) : undefined
      if (since !== undefined && Date.now() - since >= 1_000) done(true)
      else if (Date.now() - began > ms) done(false)
      else setTimeout(look, 50)
    }
    look()
  })

const within = (promise: Promise<unknown>, ms: number): Promise<unknown> =>
  Promise.race([promise, sleep(ms, undefined, { ref: false })])

const reachesInPage = (tab: Tab, wanted: number, ms: number): Promise<unknown> =>
  tab.run(
    ([number, most]) =>
      Promise.race([
        window.trial.end.reaches(number!),
        new Promise((done) => setTimeout(done, most)),
      ]).then(() => null),
    [wanted, ms],
  )

export async function runTrial(tab: Tab, site: Site, trial: Trial): Promise<Outcome> {
  const { url, client, id, settles, large } = trial
  await tab.goto(url)
  await tab.run(
    async ([name, own]) => {
      while (!('begin' in window)) await new Promise((done) => setTimeout(done, 20))
      await window.begin(name!, own!)
    },
    [client, id],
  )
  const began = performance.now()
  const usable = await tab.run(waitUsable, settles === null ? 3_000 : USABLE)
  const isSettled = settles ? await tab.run(waitTransport, { name: settles, ms: SETTLED }) : true
  const settled = isSettled ? Math.round(performance.now() - began) : null

  // A session that was begun anew while it settled is known to the server from here on.
  if (usable !== null) await greet(tab)
  const start = await tab.run(() => window.trial.report())
  const before = { states: start.states.length, resets: start.resets.length }
  if (usable !== null) await traffic(tab, site, trial)
  const sizes = large && usable !== null ? await sendLarge(tab, large) : null

  const page = await tab.run(() => {
    const { end, report } = window.trial
    const seen = report()
    end.rest()
    return seen
  })
  const diagnosis = client === 'rungs' ? await tab.run(() => window.trial.diagnose()) : null
  const far = usable === null ? null : site.end(id)
  far?.tally.giveUp(page.sent)
  const down = far && (await tab.run(giveUp, far.sent))
  return {
    usable,
    settled,
    up: far?.tally.counts ?? null,
    down,
    page,
    before,
    large: sizes,
    diagnosis,
  }
}

const giveUp = (sent: number): Counts => {
  const { tally } = window.trial.end
  tally.giveUp(sent)
  return tally.counts
}

const greet = (tab: Tab): Promise<unknown> =>
  within(
    tab.run(() => window.trial.hello()),
    LATE,
  )

async function traffic(tab: Tab, site: Site, trial: Trial): Promise<void> {
  const { id, tempo, incident, quiet } = trial
  for (let phase = 0; phase < tempo.phases; phase++) {
    await sleep(tempo.idle)
    if (incident && quiet && phase === 1) {
      await incident()
      await greet(tab)
    }
    const end = site.end(id)
    const up = end.tally.different + tempo.count
    const down = end.sent + tempo.count
    end.flow(tempo.count, tempo.gap)
    await tab.run(([count, gap]) => window.trial.end.flow(count!, gap!), [tempo.count, tempo.gap])
    const middle = (tempo.count * tempo.gap) / 2
    if (incident && !quiet && phase === 1) {
      await sleep(middle)
      await incident()
    }
    const most = tempo.count * tempo.gap + LATE
    await Promise.all([within(end.reaches(up), most), reachesInPage(tab, down, most)])
  }
}

async function sendLarge(tab: Tab, bytes: number): Promise<number | null> {
  return tab.run(
    async ([size, ms]) => {
      window.trial.sendLarge(size!)
      const end = Date.now() + ms!
      while (!window.trial.large.length && Date.now() < end)
        await new Promise((done) => setTimeout(done, 50))
      return window.trial.large[0] ?? null
    },
    [bytes, LATE * 2],
  )
}
