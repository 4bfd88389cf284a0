/** Numbered messages through a cluster whose nodes, connections and Redis are killed: each once, and in order. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { balanceByHaproxy, haproxy } from '../proxies/haproxy.ts'
import { balanceByNginx, nginx } from '../proxies/nginx.ts'
import { forecast } from './chaos.ts'
import { gather, PAGES, type Crowd, type Outcome } from './crowd.ts'
import { Cluster } from './site.ts'

const { env } = process
const minutes = Number(env.CLUSTER_MINUTES)
/** Messages up; down there are more, because a room has several sessions. */
const messages = Number(env.CLUSTER_MESSAGES)
const kills = Number(env.CLUSTER_KILLS)
const clients = Number(env.CLUSTER_CLIENTS)
const seed = Number(env.CLUSTER_SEED)
/** Milliseconds in which everything must have arrived once nothing is killed any more. */
const CALM = 90_000

const BALANCERS = [
  { name: 'haproxy', plan: balanceByHaproxy, program: haproxy.program! },
  { name: 'nginx', plan: balanceByNginx, program: nginx.program! },
].filter(({ name }) => !env.CLUSTER_BALANCER || name === env.CLUSTER_BALANCER)

/** Messages flow until so many were sent and all blows were struck. */
async function rage(cluster: Cluster, crowd: Crowd): Promise<number> {
  const began = performance.now()
  const ms = minutes * 60_000
  await crowd.flow((ms * (PAGES + clients)) / messages)
  for (const blow of forecast(seed, kills, ms)) {
    await sleep(began + blow.at - performance.now())
    await cluster.strike(blow)
  }
  while ((await crowd.total()) < messages) await sleep(500)
  await cluster.whole()
  await crowd.rest()
  return (performance.now() - began) / 1_000
}

type Counts = Outcome['down']
const sum = (counts: readonly Counts[], name: keyof Counts): number =>
  counts.reduce((all, each) => all + each[name], 0)

/** Up, a message that is not accounted for in the session's data is lost. */
function upOf({ up, upSent }: Outcome): Counts {
  return { ...up, lost: upSent - up.received }
}

function tally(values: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].map(([value, count]) => `${count} × ${value}`).join(', ') || 'none'
}

function summarize(
  cluster: Cluster,
  outcomes: readonly Outcome[],
  seconds: number,
): { readonly rows: Record<string, string | number>; readonly isExact: boolean } {
  const [ups, downs] = [outcomes.map(upOf), outcomes.map(({ down }) => down)]
  const [lost, repeated, reordered] = (['lost', 'repeated', 'reordered'] as const).map(
    (name) => sum(ups, name) + sum(downs, name),
  )
  const damaged = outcomes.reduce((all, outcome) => all + outcome.damaged, 0)
  const resets = outcomes.flatMap((outcome) => outcome.resets)
  const { kill, deploy, pubsub, redis } = cluster.blows
  const isExact = lost! + repeated! + reordered! + damaged + resets.length === 0
  const rows = {
    'clients, of which pages': `${outcomes.length}, ${PAGES}`,
    'received up (to handlers)': sum(ups, 'received'),
    'received down': sum(downs, 'received'),
    'nodes killed': kill,
    'rolling deployments': deploy,
    'pub/sub connections cut': pubsub,
    'restarts of Redis': redis,
    lost: lost!,
    repeated: repeated!,
    reordered: reordered!,
    damaged,
    resets: tally(resets),
    'longest reconnecting, ms': Math.max(...outcomes.map((outcome) => outcome.longestReconnect)),
    'traffic, s': Math.round(seconds),
    'errors logged': [...cluster.errors].map(([name, count]) => `${count} × ${name}`).join('; '),
    verdict: isExact ? 'PASS' : 'FAIL',
  }
  return { rows, isExact }
}

for (const { name, plan, program } of BALANCERS) {
  test(`behind ${name}, each message arrives once and in order`, async ({ browser }) => {
    test.skip(!existsSync(program), `${program} is missing; scripts/install-proxies quick`)
    const cluster = await Cluster.start(plan)
    try {
      const crowd = await gather(browser, cluster.url, clients)
      const seconds = await rage(cluster, crowd)
      const outcomes = await crowd.finish(CALM)
      await crowd.stop()
      const { rows, isExact } = summarize(cluster, outcomes, seconds)
      console.log(`\n${name}, --seed ${seed}\n`)
      for (const [title, value] of Object.entries(rows)) console.log(`| ${title} | ${value} |`)
      const failed = outcomes.filter(
        (each) =>
          each.wrong.length + each.resets.length + each.damaged + upOf(each).lost > 0 ||
          each.up.repeated + each.up.reordered > 0,
      )
      expect(isExact, JSON.stringify(failed, null, 1)).toBe(true)
    } finally {
      await cluster.stop()
    }
  })
}
