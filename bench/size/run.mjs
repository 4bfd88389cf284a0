/**
 * Measures the bytes that each client adds to an application, prints them beside each other, and compares them with the budgets.
 *
 *     npm run size              prints the table; fails above a budget, and where README.md has other figures
 *     npm run size -- --write   writes the table into README.md
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { judge } from './budgets.mjs'
import { compressed, measure } from './measure.mjs'
import { isCurrent, render, replaceTable } from './table.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })

const README = here('../../README.md')

/** Files in `clients/`, and the titles of their rows. */
const OURS = {
  rungs: '`rungs`, all five transports',
  'rungs-core-websocket': '`rungs/core` with WebSocket alone',
  'rungs-diagnose': '`rungs/diagnose`, for a support page',
}
/** Files in `clients/`, and their packages, which give their rows a title. */
const PEERS = {
  partysocket: 'partysocket',
  'engine.io-client': 'engine.io-client',
  'socket.io-client': 'socket.io-client',
  'sockjs-client': 'sockjs-client',
  signalr: '@microsoft/signalr',
}

const peer = (name) => here(`../peers/node_modules/${name}`)

async function titleOf(name) {
  const { version } = JSON.parse(await readFile(`${peer(name)}/package.json`, 'utf8'))
  return `${name} ${version}`
}

const titles = { ...OURS }
const packages = { rungs: here('../..') }
for (const [client, name] of Object.entries(PEERS)) {
  titles[client] = await titleOf(name)
  packages[name] = peer(name)
}

const added = await measure(Object.keys(titles), packages)
const script = compressed(await readFile(here('../../dist/rungs.js')))
const rows = Object.entries(titles).map(([client, title]) => ({ title, added: added[client] }))
const table = render({ rows, script })
console.log(`Bytes after brotli 11\n\n${table}`)

for (const { what, value, budget, ok } of judge({ added, script })) {
  console.log(`${ok ? '✓' : '✗'} ${what}: ${value} of ${budget}`)
  if (!ok) process.exitCode = 1
}

const readme = await readFile(README, 'utf8')
if (values.write) await writeFile(README, replaceTable(readme, table))
else if (isCurrent(readme, table)) console.log('✓ README.md has these figures')
else {
  console.log('✗ README.md has other figures: `npm run size -- --write` writes these')
  process.exitCode = 1
}
