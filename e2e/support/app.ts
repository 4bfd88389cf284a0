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
  /** `performance.now()` when it connected. */
  readonly began: number
  /** Resolves once `check` holds, which is looked at whenever the socket has said something; rejects after so many milliseconds. */
  when(what: string, check: () => unknown, ms?: number): Promise<void>
  /** Resolves with the transport that carries, once it is one of these and has been for so many milliseconds. */
  settled(names: readonly TransportName[], ms: number): Promise<TransportName>
}

declare global {
  interface Window {
    rungs: typeof import('../../src/index.ts')
    app: App
    /** On pages of a module: resolves when the module has run, which WebKit's driver does not always wait for. */
    loaded?: Promise<void>
  }
}

/** Options that go through JSON. */
export type PlainOptions = Pick<Options, 'resume' | 'remember' | 'maxBuffered'> & {
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
  const began = performance.now()

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

  const timedOut = (what: string): Error => {
    const { attempts } = socket
    const seen = { states, transports, resets, received: received.length, attempts }
    return new Error(`timed out waiting until ${what}: ${JSON.stringify(seen)}`)
  }

  window.app = {
    socket,
    received,
    states,
    transports,
    resets,
    began,
    when: (what, holds, ms = 15_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          checks.delete(check)
          reject(timedOut(what))
        }, ms)
        const check = (): void => {
          if (!holds()) return
          clearTimeout(timer)
          checks.delete(check)
          resolve()
        }
        checks.add(check)
        check()
      }),
    settled: (names, ms) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(timedOut(`${names.join(' or ')} carries for ${ms} ms`)),
          // A rung that failed cools down for 20 s, and is tried again 30 to 37.5 s after another one took over.
          45_000,
        )
        let lasting: ReturnType<typeof setTimeout>
        const look = (): void => {
          clearTimeout(lasting)
          const { transport } = socket
          if (!transport || !names.includes(transport)) return
          lasting = setTimeout(() => {
            clearTimeout(timer)
            off()
            resolve(transport)
          }, ms)
        }
        const off = socket.onTransport(({ transport, previous }) => {
          if (transport !== previous) look()
        })
        look()
      }),
  }
}
