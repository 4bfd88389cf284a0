import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { start as spawn, type Child } from './process.ts'
import { expect, test as base } from './test.ts'

const SERVER = fileURLToPath(new URL('../../demo/server.mjs', import.meta.url))

/** The demo, started as a person does. */
export interface Demo {
  readonly child: Child
  readonly lines: readonly string[]
  readonly url: string
}

async function run(port: number): Promise<Demo> {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.process.stdout! })) {
    lines.push(line)
    const url = /^Rungs demo: (\S+)/.exec(line)?.[1]
    if (url) return { child, lines, url }
  }
  throw new Error(child.ended() ?? 'the demo says nothing')
}

/** `test` for the demo: each has a server of its own. */
export const test = base.extend<{
  /** On this port; 0: any. */
  start: typeof run
  demo: Demo
  /** Opens a tab and gives a name. */
  join: (name: string) => Promise<Page>
}>({
  start: async ({}, use) => {
    const demos: Demo[] = []
    await use(async (port) => {
      const demo = await run(port)
      demos.push(demo)
      return demo
    })
    await Promise.all(demos.map(({ child }) => child.stop()))
  },
  demo: ({ start }, use) => start(0).then(use),
  join: ({ context, demo }, use) =>
    use(async (name) => {
      const page = await context.newPage()
      await page.goto(demo.url)
      await page.getByLabel('You are').fill(name)
      await page.getByRole('button', { name: 'Change' }).click()
      await expect(page).toHaveTitle(`${name} · Rungs demo`)
      await expect(page.locator('#status')).toHaveText(/^Open over /)
      return page
    }),
})

export { expect }
