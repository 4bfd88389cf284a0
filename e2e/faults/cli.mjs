#!/usr/bin/env node
// @ts-check
/** `rungs-faults`: the fault proxy as a command. README.md describes it. */
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { command, help, parseMode } from './commands.mjs'
import { startFaultProxy } from './proxy.mjs'

const USAGE = `rungs-faults --upstream http://host:port [--listen [host:]port] [--mode name[=parameters]] …

  --upstream  origin of the real server
  --listen    where clients connect; default 127.0.0.1 and any free port
  --mode, -m  a misbehaviour: name, name=value or name=key:value,key:value; can be repeated
  --seed      of all that is random; default 1
  --verbose   also tell of every connection and request
`

const { values } = parseArgs({
  options: {
    upstream: { type: 'string' },
    listen: { type: 'string', default: '0' },
    mode: { type: 'string', short: 'm', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) console.log(`${USAGE}\n${help()}`)
else if (values.upstream === undefined) fail('--upstream is missing; --help lists everything')
else await main(values.upstream).catch((error) => fail(reason(error)))

/** @param {string} upstream */
async function main(upstream) {
  const [, host = '127.0.0.1', port] = /^(?:\[?(.+?)\]?:)?(\d+)$/.exec(values.listen) ?? []
  if (port === undefined)
    throw new TypeError(`--listen must be a port or host:port, not ${values.listen}`)
  const proxy = await startFaultProxy({
    upstream,
    host,
    port: Number(port),
    seed: Number(values.seed),
    faults: Object.fromEntries(values.mode.map(parseMode)),
    log({ type, ...event }) {
      if (values.verbose || (type !== 'connection' && type !== 'request'))
        console.log(type, JSON.stringify(event))
    },
  })
  console.log(`${proxy.url} → ${upstream}`)

  createInterface({ input: process.stdin }).on('line', (line) => {
    try {
      const said = command(proxy, line)
      if (said) console.log(said)
    } catch (error) {
      console.error(reason(error))
    }
  })
  const stop = async () => {
    await proxy.close()
    process.exit(0) // Standard input may be open for ever.
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

/** @param {unknown} error */
function reason(error) {
  return error instanceof Error ? error.message : String(error)
}

/** @param {string} message */
function fail(message) {
  console.error(message)
  process.exitCode = 1
}
