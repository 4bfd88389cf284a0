import { connectApp } from './support/app.ts'
import type { Tab } from './support/tab.ts'
import { expect, test } from './support/test.ts'

const ask = (tab: Tab, text: string): Promise<unknown> =>
  tab.run(async (question) => {
    const { socket, received, when } = window.app
    socket.send(question)
    await when('the echo came', () => received.includes(question))
    return received
  }, text)

const id = (tab: Tab): Promise<string | null> => tab.run(() => window.app.socket.id)

test(
  'a duplicate of the tab of a live session gets a session of its own',
  { tag: '@tabs' },
  async ({ site, tab }) => {
    await tab.goto(site.url('/'))
    await connectApp(tab, { resume: true })
    const copy = await tab.duplicate()
    await connectApp(copy, { resume: true })
    expect(await id(copy)).not.toBe(await id(tab))
    expect(await ask(tab, 'first')).toEqual(['first'])
    expect(await ask(copy, 'second')).toEqual(['second'])
  },
)

test(
  'of two tabs with the same saved session one resumes it and the other gets its own',
  { tag: '@tabs' },
  async ({ site, tab }) => {
    await tab.goto(site.url('/'))
    await connectApp(tab, { resume: true })
    const before = await id(tab)
    // On another page of the origin the saved session waits in sessionStorage, and is copied with it.
    await tab.goto(site.url('/blank.html'))
    const copy = await tab.duplicate()

    await tab.goto(site.url('/'))
    await connectApp(tab, { resume: true })
    expect(await id(tab)).toBe(before)
    await copy.goto(site.url('/'))
    await connectApp(copy, { resume: true })

    expect(await ask(tab, 'first')).toEqual(['first'])
    expect(await ask(copy, 'second')).toEqual(['second'])
    expect(await id(tab)).toBe(before)
    expect(await id(copy)).not.toBe(before)
    expect(await tab.run(() => window.app.resets)).toEqual([])
  },
)
