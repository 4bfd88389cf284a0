/** A hub that echoes, as the README shows it, and the page that measures both servers. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { attach } from '@rungs/server'
import { serve } from './common.mjs'

const FILES = { '/rungs.min.mjs': '../../dist/rungs.min.mjs', '/page.mjs': '../page.mjs' }
const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.mjs"></script><body></body>'

const server = createServer(async ({ url }, response) => {
  const file = FILES[url]
  // A page that is isolated has a clock of 5 µs, any other one of 100 (Chromium).
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
  response.setHeader('Content-Type', file ? 'text/javascript' : 'text/html')
  response.end(file ? await readFile(new URL(file, import.meta.url)) : PAGE)
})
const hub = attach(server)
hub.onMessage((data, session) => session.send(data))

await serve(server, (text) => hub.broadcast(text))
