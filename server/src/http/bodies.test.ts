import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { expect, test, vi } from 'vitest'
import { Door } from '../../test/list.ts'
import { listen } from '../../test/site.ts'
import { raw, rest } from '../../test/wire.ts'
import { Refusal } from '../errors.ts'
import { MemoryBudget } from '../memory-budget.ts'
import { PacketBody, checkEncoding } from './bodies.ts'
import { refuse } from './responses.ts'

const MAX_BYTES = 1_000
const MEMORY = new MemoryBudget(Infinity)
/** Bytes of the first packet, and of the others. */
const MAX_FIRST = 100
const MAX_PACKET = 800

async function readAll(request: IncomingMessage, maxWait?: number): Promise<string[]> {
  checkEncoding(request)
  const body = new PacketBody(request, MAX_BYTES, MEMORY, maxWait)
  const packets = [String(await body.first(MAX_FIRST))]
  for (let packet; (packet = await body.next(MAX_PACKET));) packets.push(String(packet))
  return packets
}

/** A server that reads bodies, and answers the lengths of their packets. */
async function setup(
  read: (request: IncomingMessage) => Promise<string[]> = (request) => readAll(request),
): Promise<string> {
  const server = createServer((request, response) => {
    read(request).then(
      (packets) => response.end(`packets of ${packets.map(({ length }) => length).join()} bytes`),
      (error: unknown) => {
        if (error instanceof Refusal) refuse(request, response, error.end)
        else response.destroy(error as Error)
      },
    )
  })
  return listen(server)
}

const head = (headers: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`

/** The answer to a body of so many bytes that is sent at once. */
async function answerTo(body: string, headers = ''): Promise<string> {
  const socket = await raw(await setup())
  socket.write(head(`Content-Length: ${body.length}\r\nConnection: close${headers}`) + body)
  return rest(socket)
}

test('a body that comes byte by byte is read as packets, one a line', async () => {
  const socket = await raw(await setup())
  socket.write(head('Content-Length: 6\r\nConnection: close'))
  for (const part of 'ab\ncde') {
    await new Promise((resolve) => void setImmediate(resolve))
    socket.write(part)
  }
  expect(await rest(socket)).toContain('packets of 2,3 bytes')
})

test.each([
  ['', '0'],
  ['a', '1'],
  ['a\n', '1,0'],
  ['a\n\nb', '1,0,1'],
])('the body %j has packets of %s bytes', async (body, lengths) => {
  expect(await answerTo(body)).toContain(`packets of ${lengths} bytes`)
})

test('a first packet of the allowed size is read, and a larger one refused', async () => {
  expect(await answerTo('x'.repeat(MAX_FIRST))).toContain(`packets of ${MAX_FIRST} bytes`)
  expect(await answerTo('x'.repeat(MAX_FIRST + 1))).toContain('HTTP/1.1 413')
  expect(await answerTo(`${'x'.repeat(MAX_FIRST + 1)}\nx`)).toContain('HTTP/1.1 413')
})

test('no more than the first packet is read before the second is asked for', async () => {
  const door = new Door()
  const socket = await raw(
    await setup(async (request) => {
      const body = new PacketBody(request, 10_000_000, MEMORY)
      const first = String(await body.first(MAX_FIRST))
      await door.opened
      return [first, String(await body.next(10_000_000))]
    }),
  )
  const large = 'x'.repeat(9_000_000)
  socket.write(head(`Content-Length: ${2 + large.length}\r\nConnection: close`) + 'a\n')
  const written = new Promise((resolve) => socket.write(large, resolve))
  // More than the kernel keeps waits at its sender.
  expect(socket.writableLength).toBeGreaterThan(1_000_000)
  door.open()
  await written
  expect(await rest(socket)).toContain(`packets of 1,${large.length} bytes`)
})

test('a body that does not go on is refused with timeout, and its connection is closed', async () => {
  const socket = await raw(await setup((request) => readAll(request, 50)))
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

const inChunks = (text: string, size: number): string =>
  `${(text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('')}0\r\n\r\n`

test('chunks that come together are waited for together', async () => {
  const socket = await raw(await setup())
  const timers = vi.spyOn(globalThis, 'setTimeout')
  socket.write(
    `${head('Transfer-Encoding: chunked\r\nConnection: close')}${inChunks('x'.repeat(MAX_FIRST), 1)}`,
  )
  expect(await rest(socket)).toContain(`packets of ${MAX_FIRST} bytes`)
  const waits = timers.mock.calls.filter(([, ms]) => ms !== undefined && ms > 9_000)
  timers.mockRestore()
  expect(waits.length).toBeLessThan(10)
})

test('a body in more than 1,000 chunks of less than 64 bytes is refused, and one in larger chunks is read', async () => {
  const answer = async (text: string, size: number): Promise<string> => {
    const socket = await raw(
      await setup(async (request) => {
        const body = new PacketBody(request, 1_000_000, MEMORY)
        return [String(await body.first(1_000_000))]
      }),
    )
    socket.write(head('Transfer-Encoding: chunked\r\nConnection: close') + inChunks(text, size))
    return rest(socket)
  }
  expect(await answer('x'.repeat(1_001), 1)).toContain('too many small chunks')
  expect(await answer('x'.repeat(1_000), 1)).toContain('packets of 1000 bytes')
  expect(await answer('x'.repeat(192_000), 96)).toContain('packets of 192000 bytes')
})

test('a later packet of the allowed size is read, and a larger one refused', async () => {
  expect(await answerTo(`a\n${'x'.repeat(MAX_PACKET)}`)).toContain(`packets of 1,${MAX_PACKET}`)
  expect(await answerTo(`a\n${'x'.repeat(MAX_PACKET + 1)}`)).toContain('HTTP/1.1 413')
})

test.each(['gzip', 'br', 'deflate', 'zstd', 'GZIP', 'gzip, identity', 'unknown'])(
  'a body with the Content-Encoding %s is refused unread',
  async (encoding) => {
    expect(await answerTo('bomb', `\r\nContent-Encoding: ${encoding}`)).toContain('HTTP/1.1 415')
  },
)

test('a body with the Content-Encoding identity is read', async () => {
  expect(await answerTo('text', '\r\nContent-Encoding: identity')).toContain('packets of 4 bytes')
})

test('a body that is cut fails as malformed', async () => {
  const failed = new Promise<unknown>((resolve) => {
    const server = createServer((request) => {
      readAll(request).catch(resolve)
    })
    void listen(server).then(async (url) => {
      const socket = await raw(url)
      socket.end(head('Content-Length: 4') + 'ab', () => socket.destroy())
    })
  })
  expect(await failed).toMatchObject({ end: { type: 'malformed' } })
})

test('a body that trickles has half a minute, and then 500 bytes a second', async () => {
  let now = 0
  const socket = await raw(
    await setup(async (request) => {
      const body = new PacketBody(request, MAX_BYTES, MEMORY, 10_000, () => now)
      const packets = [String(await body.first(MAX_FIRST))]
      request.on('readable', () => {
        // Each byte takes 9 seconds, as far as the body knows.
        now += 9_000
        socket.write('x')
      })
      socket.write('x')
      return [...packets, String(await body.next(MAX_PACKET))]
    }),
  )
  socket.write(head(`Content-Length: ${MAX_BYTES}\r\nConnection: close`) + 'a\n')
  expect(await rest(socket)).toContain('"timeout"')
})
