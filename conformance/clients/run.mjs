/**
 * Checks a client against PROTOCOL.md: starts a program that drives it, and is the server that it meets.
 *
 *     npm run conformance:client -- node conformance/clients/chromium.mjs     our own, in Chromium (after npm run build)
 *     npm run conformance:client -- COMMAND ARGUMENTS                         any other
 */
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'

const command = process.argv.slice(2)
if (command.length === 0) throw new Error('Name the program: npm run conformance:client -- COMMAND')
process.env.RUNGS_CLIENT = JSON.stringify(command)
const vitest = await startVitest('test', [], {
  watch: false,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  config: fileURLToPath(new URL('vitest.config.ts', import.meta.url)),
})
await vitest.close()
