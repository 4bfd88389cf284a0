import type { Data } from '../src/types.ts'
import { connectApp, TRANSPORTS } from './support/app.ts'
import { samples, toSample, type Sample } from './support/samples.ts'
import { expect, test } from './support/test.ts'

for (const transport of TRANSPORTS) {
  test(`${transport} carries text, JSON and binary untouched both ways`, async ({ site, tab }) => {
    const received: Sample[] = []
    site.hub.onMessage((data) => void received.push(toSample(data)))
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })

    const echoed = await tab.run(async (messages) => {
      const { socket, when, received: back } = window.app
      for (const message of messages) {
        socket.send('bytes' in message ? new Uint8Array(message.bytes) : (message.json as Data))
      }
      await when('all came back', () => back.length >= messages.length)
      return back.map((data) =>
        data instanceof Uint8Array ? { bytes: Array.from(data) } : { json: data },
      )
    }, samples)

    expect(received).toEqual(samples)
    expect(echoed).toEqual(samples)
    expect(await tab.run(() => window.app.socket.transport)).toBe(transport)
  })

  // Polls are requests as those of SSE, and what each engine does to bytes shows in one of either kind.
  const tag = transport.endsWith('poll') ? '@matrix' : []
  test(`${transport} carries messages of a megabyte both ways`, { tag }, async ({ site, tab }) => {
    // Some two hundred parts of 60 kB: seconds, or many on a machine that has other things to do.
    test.setTimeout(90_000)
    const size = 1_000_000
    const sizes: string[] = []
    site.hub.onMessage((data) => {
      sizes.push(
        data instanceof Uint8Array
          ? `${data.length} bytes`
          : `${(data as string).length} characters`,
      )
    })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })

    const same = await tab.run(async (length) => {
      const { socket, when, received } = window.app
      const bytes = new Uint8Array(length)
      let text = ''
      for (let i = 0; i < length; i++) {
        bytes[i] = (i * 7 + (i >> 8)) % 256
        text += String.fromCharCode(32 + ((i * 7 + (i >> 8)) % 95))
      }
      // JSON escapes NUL with six characters: the largest thing that a message of a megabyte can become.
      const nul = '\0'.repeat(length)
      socket.send(text)
      socket.send(bytes)
      socket.send(nul)
      await when('all came back', () => received.length >= 3, 75_000)
      const back = received[1] as Uint8Array
      return [
        received[0] === text,
        back.length === length && back.every((byte, i) => byte === bytes[i]),
        received[2] === nul,
      ]
    }, size)

    expect(sizes).toEqual([`${size} characters`, `${size} bytes`, `${size} characters`])
    expect(same).toEqual([true, true, true])
  })

  test(`${transport} carries what the server sends of its own accord`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })
    const numbers = Array.from({ length: 100 }, (_, i) => i)
    for (const number of numbers) site.hub.broadcast(number)
    await tab.run(() => window.app.when('100 arrived', () => window.app.received.length >= 100))
    expect(await tab.run(() => window.app.received)).toEqual(numbers)
  })
}
