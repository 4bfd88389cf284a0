import type { Page } from '@playwright/test'
import { until } from './until.ts'
import type { Session } from './webdriver.ts'

/** What goes through JSON unharmed. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Plain[]
  | { readonly [name: string]: Plain }

/** A tab of any engine: as much of Playwright's `page` as W3C WebDriver can do as well. */
export interface Tab {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /**
   * Runs a function in the page and returns what it returns, or resolves with, as JSON. It sees nothing but its
   * argument and the page's globals. What it throws is thrown here, with the same name and message.
   */
  run<R>(fn: () => R): Promise<Awaited<R>>
  run<A extends Plain, R>(fn: (arg: A) => R, arg: A): Promise<Awaited<R>>
  /** A second tab of the same browser profile. */
  open(): Promise<Tab>
  /** As the browser's "duplicate tab" does: a new tab with the same address and a copy of `sessionStorage`. */
  duplicate(): Promise<Tab>
  close(): Promise<void>
}

/** JSON text of `{ value }` or of `{ error }`. */
type Outcome = string

function unwrap<R>(outcome: Outcome): R {
  const { value, error } = JSON.parse(outcome) as {
    value: R
    error?: { name: string; message: string }
  }
  if (error) throw Object.assign(new Error(error.message), { name: error.name })
  return value
}

/** A script, as an expression for a promise of an {@link Outcome}. */
function script(fn: (arg: never) => unknown, arg: Plain): string {
  const literal = arg === undefined ? 'undefined' : JSON.stringify(arg)
  return `new Promise(function (resolve) { resolve((${fn})(${literal})) }).then(
    function (value) { return JSON.stringify({ value: value }) },
    function (error) {
      return JSON.stringify({ error: { name: String(error && error.name || 'Error'), message: String(error && error.message || error) } })
    })`
}

// `window.open` without a click is blocked as a pop-up in WebKitGTK, whatever its settings say.
const COVER = 'duplicate-this-tab'
function cover(id: string): void {
  const button = document.createElement('button')
  button.id = id
  button.setAttribute('style', 'position:fixed;z-index:9;left:0;top:0;width:200px;height:200px')
  button.onclick = () => {
    button.remove()
    window.open(location.href)
  }
  document.body.appendChild(button)
}

export function playwrightTab(page: Page): Tab {
  const tab: Tab = {
    async goto(url) {
      await page.goto(url)
    },
    async reload() {
      await page.reload()
    },
    run: async (fn: (arg: never) => unknown, arg?: Plain) =>
      unwrap(await page.evaluate<Outcome>(script(fn, arg))),
    open: async () => playwrightTab(await page.context().newPage()),
    async duplicate() {
      await tab.run(cover, COVER)
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.click(`#${COVER}`)])
      await popup.waitForLoadState()
      return playwrightTab(popup)
    },
    close: () => page.close(),
  }
  return tab
}

export async function webdriverTab(session: Session): Promise<Tab> {
  return windowTab(session, await session.call('GET', '/window'))
}

let jobs = 0

function windowTab(session: Session, handle: string): Tab {
  const here = <T>(commands: () => Promise<T>): Promise<T> => session.inWindow(handle, commands)
  const execute = <T>(how: 'sync' | 'async', body: string): Promise<T> =>
    here(() => session.call<T>('POST', `/execute/${how}`, { script: body, args: [] }))

  const tab: Tab = {
    goto: (url) => here(() => session.call('POST', '/url', { url })),
    reload: () => here(() => session.call('POST', '/refresh')),
    async run(fn: (arg: never) => unknown, arg?: Plain) {
      // Waiting in one `execute/async` would keep the other tabs of the session from running: start it, then look
      // for the outcome in short turns.
      const job = `__job${jobs++}`
      await execute('sync', `window.${job} = ${script(fn, arg)}`)
      for (;;) {
        const outcome = await execute<Outcome | 0>(
          'async',
          `var done = arguments[arguments.length - 1];
           if (!window.${job}) done('{"error":{"name":"Error","message":"the page was left while run() waited"}}');
           else { window.${job}.then(done); setTimeout(done, 50, 0) }`,
        )
        if (outcome) return unwrap(outcome)
      }
    },
    async open() {
      const opened = await here(() =>
        session.call<{ handle: string }>('POST', '/window/new', { type: 'tab' }),
      )
      return windowTab(session, opened.handle)
    },
    async duplicate() {
      await tab.run(cover, COVER)
      const popup = await here(async () => {
        const before = await session.call<string[]>('GET', '/window/handles')
        const button = await session.call<object>('POST', '/element', {
          using: 'css selector',
          value: `#${COVER}`,
        })
        await session.call('POST', `/element/${String(Object.values(button)[0])}/click`)
        for (;;) {
          const after = await session.call<string[]>('GET', '/window/handles')
          const opened = after.find((other) => !before.includes(other))
          if (opened) return opened
        }
      })
      const url = await tab.run(() => location.href)
      const duplicate = windowTab(session, popup)
      await until('the duplicate has loaded', () =>
        duplicate
          .run((href) => location.href === href && document.readyState === 'complete', url)
          .catch(() => false),
      )
      return duplicate
    },
    close: () => here(() => session.call('DELETE', '/window')),
  }
  return tab
}
