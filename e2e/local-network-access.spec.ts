import { expect, test } from './support/test.ts'

// Other engines have no Local Network Access, and Chromium alone takes an address for a public one.
test(
  'a public page that may not reach a private server is told so by diagnose(), until the user agrees',
  {
    tag: '@chromium',
  },
  async ({ playwright, browserName, launchOptions, startSite }) => {
    test.setTimeout(90_000)
    const site = await startSite()
    const server = await startSite({ hub: { origins: [site.origin] } })
    const { host } = new URL(site.origin)
    const browser = await playwright[browserName].launch({
      ...launchOptions,
      args: [...(launchOptions.args ?? []), `--ip-address-space-overrides=${host}=public`],
    })
    const diagnose = async (permissions: string[]) => {
      const context = await browser.newContext()
      await context.grantPermissions(permissions)
      const page = await context.newPage()
      await page.goto(site.url('/'))
      await page.addScriptTag({
        type: 'module',
        content: `import { diagnose } from '/dist/diagnose.min.mjs'; window.diagnose = diagnose`,
      })
      await page.waitForFunction(() => 'diagnose' in window)
      const report = await page.evaluate(
        (url) => window.diagnose(url, { silence: 0 }),
        server.url('/rungs'),
      )
      await context.close()
      return report
    }
    const refused = await diagnose([])
    const allowed = await diagnose(['local-network-access'])
    await browser.close()
    expect(refused.transports.filter(({ problem }) => !problem)).toEqual([])
    expect(refused.notes.join(' ')).toContain('(Local Network Access)')
    expect(allowed.transports.filter(({ problem }) => problem)).toEqual([])
    expect(allowed.notes.join(' ')).not.toContain('(Local Network Access)')
  },
)
