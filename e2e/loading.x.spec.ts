import { connectApp } from './support/app.ts'
import { modulePage, type Site } from './support/server.ts'
import type { Tab } from './support/tab.ts'
import { expect, test } from './support/test.ts'

async function echo(site: Site, tab: Tab, path: string): Promise<unknown> {
  await tab.goto(site.url(path))
  await tab.run(async () => {
    await window.loaded
  })
  await connectApp(tab)
  return tab.run(async () => {
    const { socket, received, when } = window.app
    socket.send('hello')
    await when('the echo came', () => received.length > 0)
    return received
  })
}

test('a script tag gives the page the global rungs, with the whole ladder', async ({
  site,
  tab,
}) => {
  expect(await echo(site, tab, '/')).toEqual(['hello'])
})

test('the module script gives the whole ladder', async ({ site, tab }) => {
  expect(await echo(site, tab, '/esm.html')).toEqual(['hello'])
})

test('the modules that bundlers get carry without a bundler, with the transports that it is given', async ({
  site,
  tab,
}) => {
  site.page(
    '/core.html',
    modulePage(`
      import { connect, websocket } from '/dist/esm/core.mjs'
      window.rungs = { connect: (url, options) => connect(url, { ...options, transports: [websocket] }) }`),
  )
  expect(await echo(site, tab, '/core.html')).toEqual(['hello'])
  expect(await tab.run(() => window.app.socket.transport)).toBe('websocket')
})

test('loading the script does nothing by itself', async ({ site, tab }) => {
  await tab.goto(site.url('/'))
  expect(
    await tab.run(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    ),
  ).toEqual(['/dist/rungs.js'])
})

test('detect finds every transport in a current browser', async ({ site, tab }) => {
  await tab.goto(site.url('/'))
  expect(await tab.run(() => window.rungs.detect())).toEqual({
    websocket: true,
    sse: true,
    'long-poll': true,
    'short-poll': true,
    'forever-iframe': true,
  })
})
