import type {
  Data,
  Options,
  ResetEvent,
  Socket,
  StateEvent,
  TransportEvent,
  TransportName,
} from '../../src/types.ts'
import type { Plain, Tab } from './tab.ts'

export const TRANSPORTS: readonly TransportName[] = [
  'websocket',
  'sse',
  'long-poll',
  'short-poll',
  'forever-iframe',
]

/** What the page of a test keeps: one socket, and what it said. */
export interface App {
  readonly socket: Socket
  readonly received: Data[]
  readonly states: StateEvent[]
  readonly transports: TransportEvent[]
  readonly resets: ResetEvent[]
  /** Resolves once `check` holds, which is looked at whenever the socket has said something. */
  when(what: string, check: () => unknown): Promise<void>
}

declare global {
  interface Window {
    rungs: typeof import('../../src/index.ts')
    app: App
  }
}

/** Options that go through JSON. */
export type PlainOptions = Pick<Options, 'resume' | 'maxBuffered' | 'resend'> & {
  readonly transports?: readonly TransportName[]
}

/** Connects in the page; `window.app` is there when it returns, open or not. */
export function openApp(tab: Tab, options: PlainOptions = {}, url = '/rungs'): Promise<void> {
  return tab.run(open, { url, options: options as Plain })
}

/** Connects, and waits until the first transport carries. */
export async function connectApp(
  tab: Tab,
  options: PlainOptions = {},
  url = '/rungs',
): Promise<void> {
  await openApp(tab, options, url)
  await tab.run(() =>
    window.app.when('the socket is open', () => window.app.socket.state === 'open'),
  )
}

/** Runs in the page: it can use nothing of this file. */
function open({ url, options }: { url: string; options: Plain }): void {
  const received: Data[] = []
  const states: StateEvent[] = []
  const transports: TransportEvent[] = []
  const resets: ResetEvent[] = []
  const checks = new Set<() => void>()

  const into =
    <T>(list: T[]) =>
    (item: T): void => {
      list.push(item)
      checks.forEach((check) => check())
    }
  const socket = window.rungs.connect(url, options as PlainOptions)
  socket.onState(into(states))
  socket.onTransport(into(transports))
  socket.onReset(into(resets))
  socket.onMessage(into(received))

  window.app = {
    socket,
    received,
    states,
    transports,
    resets,
    when: (what, holds) =>
      new Promise((resolve, reject) => {
        const seen = (): string =>
          JSON.stringify({ states, transports, resets, received: received.length })
        const timer = setTimeout(() => {
          checks.delete(check)
          reject(new Error(`timed out waiting until ${what}: ${seen()}`))
        }, 15_000)
        const check = (): void => {
          if (!holds()) return
          clearTimeout(timer)
          checks.delete(check)
          resolve()
        }
        checks.add(check)
        check()
      }),
  }
}
