/** The few globals of a browser that the client touches, for as long as one test runs. */
import { onTestFinished, vi } from 'vitest'
import type { Up } from '../../src/protocol.ts'
import { up } from './session.ts'

/** A request that outlives its page. */
export interface LastingRequest {
  readonly url: string
  readonly options: RequestInit
  readonly text: string
  readonly up: Up
  /** The server answers. Settles when the page has heard of it. */
  answer(): Promise<void>
  /** No connection, a policy, or too many bytes in flight. */
  fails(): Promise<void>
}

export interface FakeBrowser {
  readonly window: EventTarget
  readonly document: EventTarget & { hidden: boolean }
  /** The browser's news of the network. */
  readonly connection: EventTarget
  /** An event on the window; `persisted` as in a PageTransitionEvent. */
  fire(name: string, persisted?: boolean): void
  readonly lasting: readonly LastingRequest[]
  /** Listeners that are registered now, as `window pagehide`. */
  readonly listeners: string[]
}

const PAGE = 'https://page.example/app/'

/** An event target that writes down who listens. */
function listed(name: string, listeners: string[]): EventTarget {
  const target = new EventTarget()
  const add = target.addEventListener.bind(target)
  const remove = target.removeEventListener.bind(target)
  target.addEventListener = (type: string, listener: EventListener) => {
    listeners.push(`${name} ${type}`)
    add(type, listener)
  }
  target.removeEventListener = (type: string, listener: EventListener) => {
    const at = listeners.indexOf(`${name} ${type}`)
    if (at >= 0) listeners.splice(at, 1)
    remove(type, listener)
  }
  return target
}

/** An anchor, as far as it resolves URLs against the page. */
function createElement(name: string): object {
  if (name !== 'a') throw new Error(`this document has no <${name}>`)
  let href = ''
  return {
    get href() {
      return URL.canParse(href, PAGE) ? new URL(href, PAGE).href : href
    },
    set href(value: string) {
      href = value
    },
  }
}

export function fakeBrowser(): FakeBrowser {
  const listeners: string[] = []
  const window = listed('window', listeners)
  const document = Object.assign(listed('document', listeners), {
    hidden: false,
    createElement,
    baseURI: PAGE,
  })
  // The window hears of the document's events on their way down, if it listens to that.
  document.dispatchEvent = (event) => window.dispatchEvent(event)
  const connection = listed('connection', listeners)
  const lasting: LastingRequest[] = []
  const fetch = (url: string, options: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      const text = options.body as string
      const then = (settle: () => void): Promise<void> => {
        settle()
        return settled()
      }
      lasting.push({
        ...{ url, options, text, up: up(text) },
        answer: () => then(() => resolve(new Response('{}'))),
        fails: () => then(() => reject(new TypeError('Failed to fetch'))),
      })
    })
  vi.stubGlobal('fetch', fetch)
  vi.stubGlobal('navigator', { connection })
  vi.stubGlobal('window', window)
  vi.stubGlobal('addEventListener', window.addEventListener)
  vi.stubGlobal('removeEventListener', window.removeEventListener)
  vi.stubGlobal('document', document)
  onTestFinished(() => void vi.unstubAllGlobals())
  return {
    window,
    document,
    connection,
    listeners,
    lasting,
    fire: (name, persisted = false) =>
      void window.dispatchEvent(Object.assign(new Event(name), { persisted })),
  }
}

/** Runs at once what was to run soon, while some work is done. */
export function hurried<T>(work: () => T): T {
  const { queueMicrotask } = globalThis
  globalThis.queueMicrotask = (task) => task()
  try {
    return work()
  } finally {
    globalThis.queueMicrotask = queueMicrotask
  }
}

/** Settles when all that was to run soon has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** The first error that is thrown on a timer from now on, which is how a listener's mistake is reported. */
export function thrownLater(): Promise<unknown> {
  const real = setTimeout
  onTestFinished(() => void vi.unstubAllGlobals())
  return new Promise((resolve) => {
    vi.stubGlobal('setTimeout', (task: () => void, ms?: number) =>
      real(() => {
        try {
          task()
        } catch (error) {
          resolve(error)
        }
      }, ms),
    )
  })
}
