import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { chromium } from '@playwright/test'
const child = spawn(process.execPath, ['demo/server.mjs'], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let url
for await (const line of createInterface({ input: child.stdout })) {
  console.log(line)
  url = /^Network check: (\S+)/.exec(line)?.[1]
  if (url) break
}
const origin = new URL(url).origin
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
const done = (page) =>
  page.waitForFunction(() => ['good', 'bad'].includes(document.body.dataset.state), undefined, {
    timeout: 120000,
  })
const open = async (name, options, broken) => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('console', (m) => console.log(name, m.type(), m.text()))
  page.on('response', async (r) => {
    if (r.status() >= 400)
      console.log(
        name,
        r.status(),
        r.request().method(),
        r.url(),
        r.request().postData(),
        await r.text().catch(() => ''),
      )
  })
  page.on('pageerror', (e) => console.log(name, 'ERROR', e.message))
  if (broken) {
    await page.goto(origin)
    for (const label of broken) {
      await page.getByRole('button', { name: label }).click()
    }
    await page.getByRole('link', { name: 'Check this network' }).click()
    await page.waitForTimeout(2500)
    await page.screenshot({ path: `/tmp/shots-diag/${name}-running.png` })
  } else await page.goto(url)
  await done(page)
  await page.waitForTimeout(400)
  await page.screenshot({ path: `/tmp/shots-diag/${name}.png`, fullPage: true })
  return page
}
const wide = { viewport: { width: 1200, height: 800 } }
await (await open('wide', wide)).close()
const p = await open('wide-broken', wide, ['Never answer WebSocket', 'Buffer streams'])
await p.getByText('As text, for').click()
await p.screenshot({ path: '/tmp/shots-diag/wide-text.png', fullPage: true })
await open('narrow-dark', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' })
await open('narrow', { viewport: { width: 320, height: 700 } })
await open('dark', { ...wide, colorScheme: 'dark' })
const c = await (await browser.newContext(wide)).newPage()
await c.goto(origin)
await c.waitForTimeout(1500)
await c.screenshot({ path: '/tmp/shots-diag/chat.png' })
await browser.close()
child.kill()
