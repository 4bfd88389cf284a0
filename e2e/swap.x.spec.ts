import { connectApp, TRANSPORTS } from './support/app.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

const COUNT = 500
const numbers = Array.from({ length: COUNT }, (_, i) => i)

for (const [direction, ladder] of [
  ['down', TRANSPORTS],
  ['up', TRANSPORTS.toReversed()], // Starts at the top, so the first change is a long way down.
] as const) {
  test(`nothing is lost, repeated or reordered while a socket under load goes ${direction} through all transports`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const received: unknown[] = []
    let sent = 0
    site.hub.onMessage((data, session) => {
      received.push(data)
      // Not from the handler: a message down must not depend on where the one up is.
      setTimeout(() => site.hub.to({ session: session.id }).send(sent++), Math.random() * 10)
    })
    await tab.goto(site.url('/'))
    await connectApp(tab)

    // A fifth of the messages for each change, and in the middle of each fifth the order for it.
    const carried = await tab.run(
      async ({ names, share }) => {
        const { socket, when } = window.app
        const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))
        const carriers: unknown[] = []
        let number = 0
        const send = async (count: number): Promise<void> => {
          for (const end = number + count; number < end;) {
            socket.send(number++)
            await tick()
          }
        }
        for (const next of names) {
          await send(share / 2)
          socket.setTransports([next])
          const changed = when(`${next} carries`, () => socket.transport === next)
          await send(share / 2)
          await changed
          carriers.push(socket.transport)
        }
        return carriers
      },
      { names: ladder, share: COUNT / ladder.length },
    )
    expect(carried).toEqual(ladder)

    await until('the server has all', () => received.length >= COUNT)
    expect(received).toEqual(numbers)
    await tab.run(
      (count) => window.app.when('the page has all', () => window.app.received.length >= count),
      COUNT,
    )
    expect(await tab.run(() => window.app.received)).toEqual(numbers)

    // Between two transports there is always one that carries: the new one is made before the old one is broken.
    expect(
      await tab.run(() => window.app.transports.filter(({ transport }) => transport === null)),
    ).toEqual([])
    expect(await tab.run(() => window.app.states.map(({ state }) => state))).toEqual(['open'])
    expect(await tab.run(() => window.app.resets)).toEqual([])
  })
}
