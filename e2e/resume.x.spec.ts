import { connectApp, TRANSPORTS } from './support/app.ts'
import type { Tab } from './support/tab.ts'
import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** Sends numbers without a pause, and writes down what it sent and received where a reload does not reach. */
const chatter = (tab: Tab): Promise<void> =>
  tab.run(() => {
    const { socket, received } = window.app
    const before = JSON.parse(sessionStorage.getItem('received') ?? '[]') as unknown[]
    const keep = (): void =>
      sessionStorage.setItem('received', JSON.stringify([...before, ...received]))
    keep() // What came before this function was called.
    socket.onMessage(keep)
    const timer = setInterval(() => {
      if (sessionStorage.getItem('stop')) return clearInterval(timer)
      const number = Number(sessionStorage.getItem('sent'))
      socket.send(number)
      sessionStorage.setItem('sent', String(number + 1))
    }, 1)
  })

const kept = (tab: Tab): Promise<number[]> =>
  tab.run(() => JSON.parse(sessionStorage.getItem('received') ?? '[]') as number[])

for (const transport of TRANSPORTS) {
  test(`a session goes on over a reload of the page, with what was in flight, on ${transport}`, async ({
    startSite,
    tab,
  }) => {
    const site = await startSite({ echo: false })
    const received: unknown[] = []
    const ids = new Set<string>()
    let sent = 0
    let opened = 0
    site.hub.onOpen(() => void opened++)
    site.hub.onMessage((data, session) => {
      received.push(data)
      ids.add(session.id)
      setTimeout(() => site.hub.to({ session: session.id }).send(sent++), Math.random() * 10)
    })

    await tab.goto(site.url('/'))
    await connectApp(tab, { transports: [transport], resume: true })
    await chatter(tab)
    for (const reload of [1, 2]) {
      await until(
        'messages flow both ways',
        async () => received.length > 40 * reload && sent > 40 * reload,
      )
      await tab.reload()
      await connectApp(tab, { transports: [transport], resume: true })
      await chatter(tab)
    }
    await until('messages flow again', () => received.length > 120)

    const total = await tab.run(async () => {
      sessionStorage.setItem('stop', 'yes')
      await window.app.socket.drained()
      return Number(sessionStorage.getItem('sent'))
    })
    expect(received).toEqual(upTo(total))
    await until('the page has all', async () => (await kept(tab)).length >= total)
    expect(await kept(tab)).toEqual(upTo(total))
    expect(await tab.run(() => window.app.resets)).toEqual([])
    expect([opened, ids.size]).toEqual([1, 1])
  })
}

test('without resume, a reload begins a new session', async ({ site, tab }) => {
  const ids: string[] = []
  site.hub.onOpen((session) => void ids.push(session.id))
  await tab.goto(site.url('/'))
  await connectApp(tab)
  await tab.reload()
  await connectApp(tab)
  expect(new Set(ids).size).toBe(2)
})
