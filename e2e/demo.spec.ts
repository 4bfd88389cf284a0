import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './support/demo.ts'

const RUNGS = ['WebSocket', 'SSE', 'Long poll', 'Short poll', 'Forever iframe']

// Up to three tabs a test, which go up and down the whole ladder.
test.describe.configure({ timeout: 60_000 })

/** Tests that need one engine: the network and the server are at work there. */
const MATRIX = { tag: '@matrix' }

const status = (page: Page): Locator => page.locator('#status')
const button = (page: Page, name: string, exact = false): Locator =>
  page.getByRole('button', { name, exact })
const rungOf = (page: Page, name: string): Locator =>
  page.locator('#rungs').getByRole('button', { name })
const log = (page: Page): Locator => page.getByRole('list', { name: 'What happened' })
const messages = (page: Page): Locator => page.getByRole('log').getByRole('article')
const count = (page: Page, name: string): Locator => page.locator(`[data-count=${name}]`)

async function say(page: Page, text: string): Promise<Locator> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await button(page, 'Send', true).click()
  return messages(page).filter({ hasText: text })
}

async function sent(page: Page, least: number): Promise<void> {
  await expect
    .poll(async () => Number(await count(page, 'sent').textContent()))
    .toBeGreaterThanOrEqual(least)
}

async function expectNothingLost(page: Page, all: number): Promise<void> {
  await expect(page.locator('#verdict')).toHaveText(
    new RegExp(`^All ${all} came back, once and in order`),
  )
  for (const name of ['sent', 'accepted', 'received'])
    await expect(count(page, name)).toHaveText(String(all))
  for (const name of ['lost', 'repeated', 'reordered'])
    await expect(count(page, name)).toHaveText('0')
}

test('tabs chat with everyone and with one name, and see what was refused', async ({ join }) => {
  const [ada, grace, alan] = [await join('Ada'), await join('Grace'), await join('Alan')]

  await expect(await say(ada, 'Hello, all')).toContainText('accepted')
  for (const page of [grace, alan]) await expect(messages(page)).toHaveText([/Ada.*Hello, all/])

  await button(grace, 'Ada', true).click()
  await expect(await say(grace, 'Between us')).toContainText(/only to Ada.*accepted/)
  await expect(messages(ada).last()).toHaveText(/Grace.*only to you.*Between us/)
  await button(grace, 'Everyone').click()
  await say(grace, 'For all')
  // Messages come in order: had the other one been for Alan, too, it would be here.
  await expect(messages(alan)).toHaveText([/Hello, all/, /For all/])

  await button(ada, 'Alan', true).click()
  await alan.getByLabel('You are').fill('Turing')
  await button(alan, 'Change').click()
  await expect(button(ada, 'Alan has left')).toHaveAttribute('aria-pressed', 'true')
  await expect(await say(ada, 'Are you there?')).toContainText('Refused: Alan is not here')
  await expect(messages(grace)).toHaveCount(3)
})

test('a tab that is reloaded keeps its session and its name', async ({ join }) => {
  const [ada, grace] = [await join('Ada'), await join('Grace')]
  await ada.reload()
  await expect(status(ada)).toHaveText(/^Open over /)
  await expect(ada.getByLabel('You are')).toHaveValue('Ada')
  await expect(button(ada, 'Grace', true)).toBeVisible()
  await say(grace, 'Welcome back')
  await expect(messages(ada)).toHaveText([/Grace.*Welcome back/])
})

test('each rung can be forced, and carries', MATRIX, async ({ join }) => {
  const [ada, grace] = [await join('Ada'), await join('Grace')]
  for (const rung of RUNGS.toReversed()) {
    await rungOf(ada, rung).click()
    await expect(status(ada)).toHaveText(`Open over ${rung}`)
    await expect(rungOf(ada, rung)).toHaveAttribute('aria-pressed', 'true')
    await expect(rungOf(ada, rung)).toContainText('carries')
    await expect(await say(ada, `Over ${rung}`)).toContainText('accepted')
    await expect(messages(grace).last()).toContainText(`Over ${rung}`)
  }
  await button(ada, 'Long poll').click()
  await expect(status(ada)).toHaveText('Open over Long poll')
  await button(ada, 'Whole ladder').click()
  await expect(status(ada)).toHaveText('Open over WebSocket')
  await expect(log(ada)).toContainText('Long poll → WebSocket')
})

for (const how of ['Refuse WebSocket', 'Never answer WebSocket']) {
  test(
    `"${how}": another rung carries, in every tab, until the network is mended`,
    MATRIX,
    async ({ join }) => {
      const [ada, grace] = [await join('Ada'), await join('Grace')]
      await button(ada, how).click()
      for (const page of [ada, grace]) {
        await expect(status(page)).toHaveText(/^Open over (?!WebSocket)/)
        await expect(button(page, how)).toHaveAttribute('aria-pressed', 'true')
        // Beside its name stands why.
        await expect(rungOf(page, 'WebSocket')).not.toContainText('ready')
      }
      await say(ada, 'Still here')
      await expect(messages(grace)).toHaveText([/Still here/])

      await button(grace, 'Back to normal').click()
      for (const page of [ada, grace])
        await expect(button(page, how)).toHaveAttribute('aria-pressed', 'false')
      await button(ada, 'Whole ladder').click()
      await expect(status(ada)).toHaveText('Open over WebSocket')
    },
  )
}

test('with WebSocket refused and streams buffered, polls carry', MATRIX, async ({ join }) => {
  const ada = await join('Ada')
  await button(ada, 'Buffer streams').click()
  await button(ada, 'Refuse WebSocket').click()
  await expect(status(ada)).toHaveText(/^Open over (Long|Short) poll$/)
  await expect(await say(ada, 'Through the filter')).toContainText('accepted')
})

test('after a cut the connection comes back', MATRIX, async ({ join }) => {
  const ada = await join('Ada')
  await button(ada, 'Cut now').click()
  await expect(log(ada)).toContainText('reconnecting')
  await expect(status(ada)).toHaveText(/^Open over /)
  await expect(await say(ada, 'Back again')).toContainText('accepted')
})

test('what is said in a silence arrives after it', async ({ join }) => {
  const [ada, grace] = [await join('Ada'), await join('Grace')]
  await button(ada, 'Go silent').click()
  await expect(button(ada, 'Go silent')).toHaveAttribute('aria-pressed', 'true')
  const message = await say(ada, 'Hear me')
  await expect(message).toContainText('on its way')
  await expect(ada.locator('#buffered-now')).not.toHaveText('0 B')
  await button(ada, 'Back to normal').click()
  await expect(message).toContainText('accepted')
  await expect(messages(grace)).toHaveText([/Hear me/])
})

test(
  'of a burst nothing is lost, repeated or reordered while the network breaks',
  MATRIX,
  async ({ join }) => {
    const ada = await join('Ada')
    await button(ada, 'Burst').click()
    await sent(ada, 15)
    await button(ada, 'Cut now').click()
    await sent(ada, 40)
    await button(ada, 'Refuse WebSocket').click()
    await sent(ada, 70)
    await button(ada, 'Cut now').click()
    await expectNothingLost(ada, 100)
    await expect(ada.locator('#verdict')).toContainText('outage')

    // The counters go on, and so does the ladder.
    await button(ada, 'Back to normal').click()
    await button(ada, 'Burst').click()
    for (const rung of RUNGS) {
      await rungOf(ada, rung).click()
      await expect(status(ada)).toHaveText(`Open over ${rung}`)
    }
    await expectNothingLost(ada, 200)
  },
)

test('everything works with the keyboard alone', async ({ context, demo, join }) => {
  const grace = await join('Grace')
  const page = await context.newPage()
  await page.goto(demo.url)
  const go = async (target: Locator, key = 'Tab'): Promise<void> => {
    const focused = (): Promise<boolean> =>
      target.evaluate((element) => element === document.activeElement)
    for (let stops = 0; !(await focused()); stops++) {
      if (stops > 20) throw new Error(`${key} does not lead to ${String(target)}`)
      await page.keyboard.press(key)
    }
    expect(await target.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid')
  }

  await go(rungOf(page, 'Short poll'))
  await page.keyboard.press('Enter')
  await expect(status(page)).toHaveText('Open over Short poll')
  const refuse = button(page, 'Refuse WebSocket')
  await go(refuse)
  await page.keyboard.press('Space')
  await expect(refuse).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('Space')
  await expect(refuse).toHaveAttribute('aria-pressed', 'false')
  await go(button(page, 'Burst'))
  await page.keyboard.press('Enter')
  await expectNothingLost(page, 100)

  await go(page.getByLabel('You are'))
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('Ada')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Message', { exact: true })).toBeFocused()
  await expect(button(grace, 'Ada', true)).toBeVisible()
  await go(button(page, 'Grace', true), 'Shift+Tab')
  await page.keyboard.press('Space')
  await expect(button(page, 'Grace', true)).toBeFocused()
  await expect(button(page, 'Grace', true)).toHaveAttribute('aria-pressed', 'true')
  await go(page.getByLabel('Message', { exact: true }))
  await page.keyboard.type('By keyboard')
  await page.keyboard.press('Enter')
  await expect(messages(grace)).toHaveText([/Ada.*only to you.*By keyboard/])
})

test('the demo fits a screen of 320 pixels', async ({ join }) => {
  const ada = await join('Ada')
  await ada.setViewportSize({ width: 320, height: 640 })
  await say(ada, 'x'.repeat(200))
  await button(ada, 'Cut now').click()
  await expect(log(ada)).toContainText('reconnecting')
  const overflow = await ada.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
  expect(overflow).toBe(0)
})

test('if its port is taken it takes another one and says so', MATRIX, async ({ start }) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const demo = await start(port)
  server.close()
  expect(demo.lines[0]).toBe(`Port ${port} is taken, trying ${port + 1}.`)
  expect((await fetch(demo.url)).status).toBe(200)
})

test('Ctrl-C ends it, and everybody is told', MATRIX, async ({ demo, join }) => {
  const ada = await join('Ada')
  demo.child.process.kill('SIGINT')
  await once(demo.child.process, 'exit')
  expect(demo.child.process.exitCode).toBe(0)
  await expect(status(ada)).toHaveText('Reconnecting…')
})
