import { expect, test } from './support/test.ts'
import { until } from './support/until.ts'

test('a page loads', async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  expect(await tab.run(() => [document.title, location.href])).toEqual([
    'Rungs',
    site.url('/blank.html'),
  ])
})

test('run gives the argument to the function and returns its value', async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  const value = { text: 'a\0\ud800\r\u2028</script>', list: [1, null, true] }
  expect(await tab.run((arg) => ({ back: arg, length: arg.text.length }), value)).toEqual({
    back: value,
    length: 14,
  })
  expect(await tab.run(() => undefined)).toBe(undefined)
})

test('run waits for a promise', async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  expect(
    await tab.run(() => new Promise<string>((resolve) => setTimeout(resolve, 120, 'late'))),
  ).toBe('late')
})

test('run throws what the function throws', async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  const thrown = tab.run(() => {
    throw new TypeError('at once')
  })
  await expect(thrown).rejects.toMatchObject({ name: 'TypeError', message: 'at once' })
  const rejected = tab.run(() => Promise.reject(new RangeError('later')))
  await expect(rejected).rejects.toMatchObject({ name: 'RangeError', message: 'later' })
})

test('the page keeps its globals from one run to the next, until it is reloaded', async ({
  site,
  tab,
}) => {
  await tab.goto(site.url('/blank.html'))
  await tab.run(() => void Object.assign(window, { kept: 1 }))
  expect(await tab.run(() => 'kept' in window)).toBe(true)
  await tab.reload()
  expect(await tab.run(() => 'kept' in window)).toBe(false)
})

test('WebSocket, EventSource, XMLHttpRequest and crypto exist', async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  expect(
    await tab.run(() => [
      typeof WebSocket,
      typeof EventSource,
      typeof XMLHttpRequest,
      typeof crypto.getRandomValues,
    ]),
  ).toEqual(['function', 'function', 'function', 'function'])
})

test('a page can be given response headers', async ({ site, tab }) => {
  site.headers('/blank.html', { 'content-security-policy': "connect-src 'none'" })
  await tab.goto(site.url('/blank.html'))
  expect(
    await tab.run(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) =>
            resolve(event.effectiveDirective),
          )
          fetch('/').catch(() => {})
        }),
    ),
  ).toBe('connect-src')
})

test('two tabs of one profile run at once', { tag: '@tabs' }, async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  const second = await tab.open()
  await second.goto(site.url('/blank.html'))
  const heard = tab.run(() => {
    void localStorage.length // WebKitGTK 2.50 tells storage events only to pages that have opened the storage.
    return new Promise((resolve) =>
      window.addEventListener('storage', (event) => resolve(event.newValue)),
    )
  })
  // The first tab may not listen yet: nothing says when it does, so the second repeats itself.
  let done = false
  const answer = heard.finally(() => (done = true))
  await until('the first tab hears of the second', () =>
    second.run(() => localStorage.setItem('said', String(performance.now()))).then(() => done),
  )
  expect(Number(await answer)).toBeGreaterThan(0)
  await second.close()
  expect(await tab.run(() => document.title)).toBe('Rungs')
})

test('a duplicated tab has a copy of sessionStorage', { tag: '@tabs' }, async ({ site, tab }) => {
  await tab.goto(site.url('/blank.html'))
  await tab.run(() => sessionStorage.setItem('name', 'first'))
  const copy = await tab.duplicate()
  expect(await copy.run(() => [location.pathname, sessionStorage.getItem('name')])).toEqual([
    '/blank.html',
    'first',
  ])
  await copy.run(() => sessionStorage.setItem('name', 'second'))
  expect(await tab.run(() => sessionStorage.getItem('name'))).toBe('first')
})

test('two sites are two origins', async ({ site, startSite, tab }) => {
  const other = await startSite()
  expect(other.origin).not.toBe(site.origin)
  await tab.goto(other.url('/blank.html'))
  expect(await tab.run(() => location.origin)).toBe(other.origin)
})
