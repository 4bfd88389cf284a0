import type { Locator, Page } from '@playwright/test'
import { expect, test } from './support/demo.ts'

test.describe.configure({ timeout: 60_000 })

const summary = (page: Page): Locator => page.locator('#summary')
const row = (page: Page, name: string): Locator =>
  page.getByRole('row', { name: new RegExp(`^${name}`) })
const button = (page: Page, name: string): Locator => page.getByRole('button', { name })

/** Breaks the network, in the chat. */
async function breaks(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await button(page, name).click()
    await expect(button(page, name)).toHaveAttribute('aria-pressed', 'true')
  }
}

/** From the chat, over its link, to a check that is over. */
async function check(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Check this network' }).click()
  await expect(page.locator('body')).toHaveAttribute('data-state', /good|bad/, { timeout: 40_000 })
}

test('a healthy network: everything works, and the report can be copied', async ({ join }) => {
  const page = await join('Ada')
  await check(page)
  await expect(summary(page)).toHaveText('Use: websocket. All 5 transports work.')
  for (const name of ['WebSocket', 'SSE', 'Long poll', 'Short poll', 'Forever iframe'])
    await expect(row(page, name).getByRole('cell').first()).toHaveText(/^Works, \d+ ms\.$/)

  await page.getByText('As text, for a support ticket').click()
  await expect(page.getByLabel('Report as text')).toContainText(/Rungs diagnosis\nhttp.*\/rungs\n/)
  await button(page, 'Copy as text').click()
  await expect(button(page, 'Copied')).toBeVisible()
})

test(
  'a network that was broken in the chat: what is broken is told',
  { tag: '@matrix' },
  async ({ join }) => {
    const page = await join('Ada')
    await breaks(page, 'Never answer WebSocket', 'Buffer streams')
    await check(page)
    await expect(summary(page)).toHaveText(
      'Use: long-poll. 3 of 5 transports do not work here: websocket, sse, forever-iframe.',
    )
    await expect(row(page, 'WebSocket')).toContainText('something on the way lets it wait')
    await expect(row(page, 'SSE')).toContainText('collects all messages until the stream ends')
    await expect(row(page, 'Long poll')).toContainText('Works')
  },
)

test('by keyboard alone: stopped while it runs, and begun again', async ({ join }) => {
  const page = await join('Ada')
  await breaks(page, 'Never answer WebSocket')
  await page.getByRole('link', { name: 'Check this network' }).click()
  await expect(summary(page)).toHaveText('Trying WebSocket, 1 of 5 …')

  // Link, checkbox; what can be copied comes later.
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await expect(button(page, 'Stop')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(summary(page)).toHaveText('The diagnosis was stopped before anything was found out.')
  await expect(row(page, 'SSE')).toContainText('the diagnosis was stopped')

  await expect(button(page, 'Check again')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(summary(page)).toHaveText('Trying WebSocket, 1 of 5 …')
})

test('whoever checks is not shown in the chat', async ({ join }) => {
  const [ada, grace] = [await join('Ada'), await join('Grace')]
  const shown: string[] = []
  await ada.exposeFunction('shown', (text: string) => void shown.push(text))
  await ada.evaluate(() => {
    const to = document.querySelector('#to')!
    new MutationObserver(() =>
      (window as unknown as { shown(text: string | null): void }).shown(to.textContent),
    ).observe(to, { childList: true, subtree: true })
  })
  await check(grace)
  // News comes in order: whoever was shown before the next one came was seen here.
  await join('Alan')
  await expect(button(ada, 'Alan')).toBeVisible()
  expect(shown.join()).toContain('Alan')
  expect(shown.join()).not.toContain('Network check')
})

test('a window of 320 pixels needs no scrolling sideways', async ({ join }) => {
  const page = await join('Ada')
  await page.setViewportSize({ width: 320, height: 700 })
  await check(page)
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(320)
})
