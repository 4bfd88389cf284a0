import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { listen } from '../../test/site.ts'
import { raw, rest } from '../../test/wire.ts'
import { Refusal } from '../errors.ts'
import { readBody } from './bodies.ts'
import { refuse } from './responses.ts'

const MAX_BYTES = 1_000
const MAX_SILENCE = 50

/** A server that reads bodies, and answers what came of it. */
async function setup(): Promise<string> {
  const server = createServer((request, response) => {
    readBody(request, MAX_BYTES, MAX_SILENCE).then(
      (body) => response.end(`${body.length} bytes`),
      (error: unknown) => {
        if (error instanceof Refusal) refuse(request, response, error.end)
        else response.destroy(error as Error)
      },
    )
  })
  return listen(server)
}

const head = (headers: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`

test('a body that comes in parts is read as one', async () => {
  const socket = await raw(await setup())
  socket.write(head('Content-Length: 4\r\nConnection: close'))
  for (const part of ['a', 'b', 'c', 'd']) {
    await new Promise((resolve) => void setImmediate(resolve))
    socket.write(part)
  }
  expect(await rest(socket)).toContain('4 bytes')
})

test('a body that does not go on is refused with timeout, and its connection is closed', async () => {
  const socket = await raw(await setup())
  socket.write(head('Content-Length: 4'))
  socket.write('ab')
  const answer = await rest(socket)
  expect(answer).toContain('HTTP/1.1 408')
  expect(answer).toContain('"timeout"')
})

test('a body whose Content-Length is too large is refused unread', async () => {
  const socket = await raw(await setup())
  socket.write(head(`Content-Length: ${MAX_BYTES + 1}`))
  expect(await rest(socket)).toContain('HTTP/1.1 413')
})

test('a body without a length that is too large is refused, and its client can read why', async () => {
  const socket = await raw(await setup())
  const answered = once(socket, 'data')
  socket.write(head('Transfer-Encoding: chunked'))
  const chunk = `${MAX_BYTES.toString(16)}\r\n${'x'.repeat(MAX_BYTES)}\r\n`
  socket.write(chunk)
  socket.write(chunk)
  expect(String((await answered)[0])).toContain('HTTP/1.1 413')
  // The rest is read for a while, or the answer would be lost.
  for (let i = 0; i < 100; i++) socket.write(chunk)
  socket.end('0\r\n\r\n')
  await rest(socket)
  expect(socket.errored).toBeNull()
})

test('a body of exactly the allowed size is read', async () => {
  const socket = await raw(await setup())
  socket.write(head(`Content-Length: ${MAX_BYTES}\r\nConnection: close`) + 'x'.repeat(MAX_BYTES))
  expect(await rest(socket)).toContain(`${MAX_BYTES} bytes`)
})

test.each(['gzip', 'br', 'deflate', 'zstd', 'GZIP', 'gzip, identity', 'unknown'])(
  'a body with the Content-Encoding %s is refused unread',
  async (encoding) => {
    const socket = await raw(await setup())
    socket.write(
      head(`Content-Length: 4\r\nConnection: close\r\nContent-Encoding: ${encoding}`) + 'bomb',
    )
    expect(await rest(socket)).toContain('HTTP/1.1 415')
  },
)

test('a body with the Content-Encoding identity is read', async () => {
  const socket = await raw(await setup())
  socket.write(
    head('Content-Length: 4\r\nConnection: close\r\nContent-Encoding: identity') + 'text',
  )
  expect(await rest(socket)).toContain('4 bytes')
})

test('a body that is cut fails as malformed', async () => {
  const failed = new Promise<unknown>((resolve) => {
    const server = createServer((request) => {
      readBody(request, MAX_BYTES, MAX_SILENCE).catch(resolve)
    })
    void listen(server).then(async (url) => {
      const socket = await raw(url)
      socket.end(head('Content-Length: 4') + 'ab', () => socket.destroy())
    })
  })
  expect(await failed).toMatchObject({ end: { type: 'malformed' } })
})
