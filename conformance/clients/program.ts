/** The program that drives the client under test: commands and events are lines of JSON (README.md). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, afterEach } from 'vitest'

/** A message: text or JSON in `data`, or bytes as base64. */
export interface Content {
  readonly data?: unknown
  readonly bytes?: string
}

/** How a message is sent. */
export interface Sent extends Content {
  /** Users that it is for. */
  readonly to?: readonly string[]
  /** How often; once, if it is left out. */
  readonly times?: number
}

/** Events of a client, as the program tells them. */
export interface ClientEvent extends Content {
  readonly client?: number
  readonly event: 'ready' | 'open' | 'message' | 'reset' | 'closed' | 'refused'
  readonly reason?: string
  readonly unsent?: readonly Content[]
  readonly inDoubt?: readonly Content[]
  /** Of `ready`: commands and transports that the program does not have. */
  readonly without?: readonly string[]
}

/** Options of a client, beside URL and transports. */
export interface ClientOptions {
  /** The token, again and again. */
  readonly token?: string
  /** Tokens, one each time that the client asks. Then it gets none. */
  readonly tokens?: readonly string[]
  /** Whether its session outlives a reload. */
  readonly resume?: boolean
}

const { RUNGS_CLIENT } = process.env
if (!RUNGS_CLIENT) throw new Error('Run it with: npm run conformance:client -- COMMAND')
const [command, ...words] = JSON.parse(RUNGS_CLIENT) as [string, ...string[]]
const program = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] })
const clients = new Map<number, Client>()
const isReady = new Promise<ClientEvent>((resolve, reject) => {
  program.once('exit', (code) => reject(new Error(`The program ended with ${code}: ${command}`)))
  createInterface({ input: program.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as ClientEvent
    if (event.event === 'ready') resolve(event)
    else clients.get(event.client!)?.take(event)
  })
})
const { without = [] } = await isReady

/** Whether the program has a command or transport; tests of what it has not are skipped. */
export const has = (name: string): boolean => !without.includes(name)

const running: Client[] = []
afterEach(() => {
  for (const client of running.splice(0)) client.end()
})
afterAll(async () => {
  const ended = once(program, 'exit')
  program.stdin.end()
  await ended
})

/** A client that the program has made. It ends with its test. */
export class Client {
  readonly events: ClientEvent[] = []
  readonly #id = clients.size + 1
  #waiting: (() => void)[] = []

  /** @param transports Those that the client may use. */
  constructor(url: string, transports: readonly string[], options: ClientOptions = {}) {
    clients.set(this.#id, this)
    running.push(this)
    this.#command({ do: 'connect', url, transports, ...options })
  }

  #command(fields: Readonly<Record<string, unknown>>): void {
    program.stdin.write(`${JSON.stringify({ client: this.#id, ...fields })}\n`)
  }

  send(...messages: Sent[]): void {
    for (const message of messages) this.#command({ do: 'send', ...message })
  }

  close(code?: number, reason?: string): void {
    this.#command({ do: 'close', code, reason })
  }

  /** Its page is loaded again. */
  reload(): void {
    this.#command({ do: 'reload' })
  }

  /** Its page goes away. */
  leave(): void {
    this.#command({ do: 'leave' })
  }

  /** Its page wakes up. */
  wake(): void {
    this.#command({ do: 'wake' })
  }

  end(): void {
    this.#command({ do: 'end' })
  }

  take(event: ClientEvent): void {
    this.events.push(event)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The data of messages so far. */
  get messages(): unknown[] {
    return this.events
      .filter(({ event }) => event === 'message')
      .map(({ data, bytes }) => (bytes === undefined ? data : { bytes }))
  }

  has(name: ClientEvent['event']): boolean {
    return this.events.some(({ event }) => event === name)
  }

  /** The first event of a name, once it is there. */
  async event(name: ClientEvent['event']): Promise<ClientEvent> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name)
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** All messages, once there are so many. */
  async untilMessages(count: number): Promise<unknown[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.messages
  }
}
