/**
 * `npm run test:cluster`: three nodes with one Redis behind a balancer in round robin, clients in pages and in Node, and blows from
 * a seed. Exits with 1 if a message is lost, repeated or out of order, or a session is reset.
 *
 *     --balancer nginx    this one alone; HAProxy and nginx one after the other by default
 *     --minutes 15        how long the blows last; messages flow until all were struck
 *     --messages 100000   messages up, at least; down there are more
 *     --kills 110         of nodes; other blows in proportion
 *     --clients 24        in Node, beside six pages
 *     --seed 1            other blows
 *     --short             a minute of it, which is part of `npm test`
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    balancer: { type: 'string' },
    minutes: { type: 'string' },
    messages: { type: 'string' },
    kills: { type: 'string' },
    clients: { type: 'string' },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean' },
  },
})
const defaults = values.short
  ? // Both balancers, half a minute each.
    { minutes: '0.5', messages: '1500', kills: '5', clients: '10' }
  : { minutes: '15', messages: '100000', kills: '110', clients: '24' }
const env = { ...process.env }
for (const [name, value] of Object.entries({ ...defaults, ...values }))
  if (typeof value === 'string') env[`CLUSTER_${name.toUpperCase()}`] = value
const { status } = spawnSync(
  'npx',
  ['playwright', 'test', '--config', 'e2e/cluster/playwright.config.ts'],
  { stdio: 'inherit', cwd: fileURLToPath(new URL('../..', import.meta.url)), env },
)
process.exitCode = status ?? 1
