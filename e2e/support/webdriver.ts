import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import type { WebDriverEngine } from './engines.ts'
import { freePort, start, startDisplay, type Child } from './process.ts'
import { until } from './until.ts'

/** A WebDriver server, and the display of its browsers. */
export interface Driver {
  session(): Promise<Session>
  stop(): Promise<void>
}

/** One browser with a fresh profile. */
export interface Session {
  call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T>
  /** Runs `commands` with the window in front; the commands of other windows wait. */
  inWindow<T>(handle: string, commands: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/**
 * W3C WebDriver, 6.6: every answer is `{ value }`, and an error's value names itself. A connection for each command:
 * WebKitWebDriver 2.50 closes kept-alive ones whenever it likes, under the next command too, and `fetch` keeps them.
 */
async function call<T>(base: string, method: string, path: string, body?: object): Promise<T> {
  const command = request(base + path, { method, agent: false })
  command.end(body && JSON.stringify(body))
  const [response] = (await once(command, 'response')) as [IncomingMessage]
  const { value } = (await json(response)) as { value: T & { error?: string; message?: string } }
  if (response.statusCode !== 200)
    throw new Error(`${method} ${path}: ${value.error}: ${value.message}`)
  return value
}

async function startServer(
  command: string,
  env: NodeJS.ProcessEnv,
): Promise<{ server: Child; base: string }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const server = start(command, [`--port=${port}`], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const base = `http://127.0.0.1:${port}`
    const ready = (): Promise<boolean> =>
      call<{ ready: boolean }>(base, 'GET', '/status').then(
        (status) => status.ready,
        () => false,
      )
    await until(`${command} answers`, async () => server.ended() ?? (await ready()))
    const end = server.ended()
    if (!end) return { server, base }
    if (attempt === 3) throw new Error(end) // Somebody else took the port, three times?
  }
}

export async function startDriver(engine: WebDriverEngine): Promise<Driver> {
  const display = engine.display ? await startDisplay() : undefined
  const { server, base } = await startServer(engine.driver, {
    ...process.env,
    ...(display && { DISPLAY: display.display }),
    NO_AT_BRIDGE: '1', // GTK looks for an accessibility bus otherwise, and waits for it.
  })
  return {
    async session() {
      const capabilities = {
        alwaysMatch: { [engine.browserOptions]: { binary: engine.binary, args: engine.args } },
      }
      const { sessionId } = await call<{ sessionId: string }>(base, 'POST', '/session', {
        capabilities,
      })
      return openSession(`${base}/session/${sessionId}`)
    },
    async stop() {
      await server.stop()
      await display?.stop()
    },
  }
}

function openSession(base: string): Session {
  let queue: Promise<unknown> = Promise.resolve()
  let front: string | undefined
  const session: Session = {
    call: (method, path, body) =>
      call(base, method, path, method === 'POST' ? (body ?? {}) : undefined),
    inWindow(handle, commands) {
      const turn = queue.then(async () => {
        if (front !== handle) await session.call('POST', '/window', { handle })
        front = handle
        return commands()
      })
      queue = turn.catch(() => {}) // Its own caller hears of it; the next in line does not care.
      return turn
    },
    async stop() {
      await queue
      await session.call('DELETE', '').catch((error: Error) => {
        // Closing the last window has ended the session already (W3C WebDriver, 11.2).
        if (!error.message.includes('invalid session id')) throw error
      })
    },
  }
  return session
}
