import type { Data } from '../src/types.ts'
import { connectApp, TRANSPORTS } from './support/app.ts'
import { samples, toSample, type Sample } from './support/samples.ts'
import { expect, test } from './support/test.ts'

for (const transport of TRANSPORTS) {
  test(`${transport} carries everything while each request of a session goes to another hub`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false, hubs: 2 })
    const received: Sample[] = []
    const opened: string[] = []
    for (const hub of site.hubs) {
      hub.onOpen((session) => void opened.push(session.id))
      hub.onMessage((data, session) => {
        received.push(toSample(data))
        return session.send(data)
      })
    }
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })

    const echoed = await tab.run(async (messages) => {
      const { socket, when, received: back } = window.app
      for (const message of messages) {
        socket.send('bytes' in message ? new Uint8Array(message.bytes) : (message.json as Data))
        // One by one, so that each is a request of its own where requests carry messages.
        await socket.drained()
      }
      await when('all came back', () => back.length >= messages.length)
      return back.map((data) =>
        data instanceof Uint8Array ? { bytes: Array.from(data) } : { json: data },
      )
    }, samples)

    expect(received).toEqual(samples)
    expect(echoed).toEqual(samples)
    expect(opened).toEqual([await tab.run(() => window.app.socket.id)])
    expect(await tab.run(() => window.app.states.map(({ state }) => state))).toEqual(['open'])
  })
}
