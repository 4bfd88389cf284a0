import { connectApp, TRANSPORTS } from './support/app.ts'
import { playwrightTab } from './support/tab.ts'
import { expect, test } from './support/test.ts'
import { watchMemory } from './traffic/memory.mjs'

const FEW = 5
const MANY = 200

for (const transport of TRANSPORTS) {
  const title = `${transport} keeps no listener and no element of what it has carried`
  test(title, { tag: '@chromium' }, async ({ site, page }) => {
    const tab = playwrightTab(page)
    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport] })
    const read = await watchMemory(page)

    /** One exchange for each: the next one waits until the server has accepted the last. */
    const send = (count: number): Promise<void> =>
      tab.run(async (times) => {
        const { socket } = window.app
        for (let i = 0; i < times; i++) {
          socket.send(i)
          // oxlint-disable-next-line no-await-in-loop
          await socket.drained()
        }
      }, count)

    await send(FEW)
    const before = await read()
    await send(MANY)
    const after = await read()
    expect(after.listeners - before.listeners).toBeLessThan(MANY / 10)
    expect(after.nodes - before.nodes).toBeLessThan(MANY / 10)
  })
}
