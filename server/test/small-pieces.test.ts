/** Before it is known who speaks, little is kept, however it comes. */
import { expect, test } from 'vitest'
import { Door, List } from './list.ts'
import { heapUsed } from './memory.ts'
import { startSite } from './site.ts'
import { raw, rest } from './wire.ts'

const KB = 1_024

test('a first packet that comes in chunks of a byte is served', async () => {
  const { url, client } = await startSite()
  const text = client().body({ answer: 'now' })
  const chunks = [...text].map((byte) => `1\r\n${byte}\r\n`).join('')
  const socket = await raw(url)
  socket.write(
    `POST /rungs HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
  )
  expect(await rest(socket)).toMatch(/200 OK[^]+"hello"/)
})

test('messages of a client who is being authenticated are kept as text', async () => {
  const door = new Door()
  let waiting = 0
  let allHere = (): void => {}
  const { client, hub } = await startSite({
    authenticate: async () => {
      if (++waiting === 100) allHere()
      await door.opened
      return ''
    },
  })
  const seen = new List<unknown>()
  hub.onMessage((data) => seen.push(data))
  const here = new Promise<void>((resolve) => (allHere = resolve))
  const objects = Array.from({ length: 4_000 }, () => ({}))
  const before = await heapUsed()
  const answers = Array.from({ length: 100 }, () => client().exchange({ batch: [1, [[objects]]] }))
  await here
  expect((await heapUsed()) - before).toBeLessThan(100 * 100 * KB)
  door.open()
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(
    Array.from({ length: 100 }, () => 200),
  )
  expect((await seen.count(100))[0]).toEqual(objects)
})
