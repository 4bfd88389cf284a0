import { expect, test } from './support/test.ts'

declare global {
  interface Window {
    /** Errors of `connect` in documents that were answered in place of the bridge. */
    refusals: unknown[]
    /** How often the application has started, in whatever frame. */
    starts: number
  }
}

/** An application that connects when it is loaded, by the forever iframe as well. */
const application = (url: string): string => `<!doctype html>
  <script src="/dist/rungs.js"></script>
  <body><script>
    top.starts = (top.starts || 0) + 1
    top.refusals = top.refusals || []
    try { window.socket = rungs.connect('${url}', { transports: ['short-poll', 'forever-iframe'] }) }
    catch (error) { top.refusals.push(error.type) }
  </script></body>`

test('an application that a fallback answers in place of the bridge connects once, is framed once, and no frame stays', async ({
  site,
  tab,
}) => {
  for (const path of ['/app', '/live/bridge', '/live']) site.page(path, application('/live'))
  await tab.goto(site.url('/app'))
  const attempts = await tab.run(
    () =>
      new Promise((resolve) => {
        const { socket } = window as unknown as { socket: typeof window.app.socket }
        const look = (): void => {
          const wrong = socket.attempts.filter(({ reason }) => reason === 'not-the-bridge')
          // The second one is refused without a frame.
          if (wrong.length > 1) resolve(wrong.map(({ transport }) => transport))
        }
        socket.onTransport(look)
        look()
      }),
  )
  expect(attempts).toEqual(['forever-iframe', 'forever-iframe'])
  expect(
    await tab.run(() => [
      window.starts,
      window.refusals,
      document.querySelectorAll('iframe').length,
    ]),
  ).toEqual([2, ['bridge-frame'], 0])
})

test('a service worker that answers every navigation with the application is no bridge', async ({
  site,
  tab,
}) => {
  site.page('/app', application('/rungs'))
  site.page(
    '/worker.js',
    `addEventListener('activate', (event) => event.waitUntil(clients.claim()))
     addEventListener('fetch', (event) => {
       if (event.request.mode === 'navigate') event.respondWith(fetch('/app'))
     })`,
    { 'content-type': 'text/javascript' },
  )
  await tab.goto(site.url('/blank.html'))
  await tab.run(async () => {
    await navigator.serviceWorker.register('/worker.js')
    await navigator.serviceWorker.ready
  })
  await tab.goto(site.url('/app'))
  expect(
    await tab.run(
      () =>
        new Promise((resolve) => {
          const { rungs } = window
          const socket = rungs.connect('/rungs', { transports: ['forever-iframe'] })
          socket.onTransport(({ reason }) => {
            const frames = document.querySelectorAll('iframe').length
            socket.close()
            resolve([reason, window.refusals, frames])
          })
        }),
    ),
  ).toEqual(['not-the-bridge', ['bridge-frame'], 0])
})
