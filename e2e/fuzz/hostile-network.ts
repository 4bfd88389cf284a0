/** A browser whose every server misbehaves: what it says is drawn from seeds, until it behaves. */
import { onTestFinished, vi } from 'vitest'
import { connect } from '../../src/client.ts'
import { ladder } from '../../src/connection/ladder.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { longPoll } from '../../src/transports/long-poll.ts'
import { shortPoll } from '../../src/transports/short-poll.ts'
import { sse } from '../../src/transports/sse.ts'
import type { Transport } from '../../src/transports/transport.ts'
import { websocket } from '../../src/transports/websocket.ts'
import type { Socket } from '../../src/types.ts'
import { fakeBrowser, hurried } from '../../test/support/browser.ts'
import { manualClock, type ManualClock } from '../../test/support/clock.ts'
import { modelCore } from '../../test/support/core.ts'
import { fakeNetwork } from '../../test/support/requests.ts'
import { testServer, type Frame, type Stream, type TestServer } from '../../test/support/server.ts'

/** Milliseconds of the clock from a request to its answer. */
const ROUND_TRIP = 20
/** The longest delay of a timer of a browser; a longer one rings at once (HTML standard, 8.6; it is 32 bits everywhere). */
const LONGEST_TIMER = 2 ** 31 - 1

/** The words of a server, one for each thing that the client asks. */
export interface Words {
  /** The next packet, as text; empty where the line breaks. */
  say(): string
}

export interface HostileNetwork {
  readonly socket: Socket
  readonly clock: ManualClock
  readonly server: TestServer
  /** Requests, WebSockets and streams so far. */
  opened(): number
  /** The server behaves from now on. */
  behave(): void
  readonly got: unknown[]
}

/** Timers as a browser has them. */
function browserClock(clock: ManualClock): Clock {
  return {
    now: clock.now,
    wallTime: clock.wallTime,
    random: () => clock.random(),
    after: (ms, callback) => clock.after(ms >= 1 && ms <= LONGEST_TIMER ? ms : 1, callback),
  }
}

const ALL: readonly Transport[] = [websocket, sse, longPoll, shortPoll]

export function hostileNetwork(words: Words, transports: readonly string[]): HostileNetwork {
  fakeBrowser()
  const network = fakeNetwork()
  const clock = manualClock()
  const server = testServer((on) => modelCore(on))
  let behaves = false
  let opened = 0
  /** Answers for requests, which the server that behaves makes when they arrive. */
  const answered = new Set<unknown>()

  class FakeEventSource {
    onmessage = (_: { data: string }): void => {}
    onerror = (): void => {}
    #isOpen = true
    constructor() {
      opened++
      const next = (): void => {
        if (!this.#isOpen) return
        const text = behaves ? '' : words.say()
        if (!text) return this.onerror()
        this.onmessage({ data: text })
        clock.after(ROUND_TRIP, next)
      }
      clock.after(ROUND_TRIP, next)
    }
    close(): void {
      this.#isOpen = false
    }
  }

  class FakeWebSocket {
    readyState = 0
    binaryType = ''
    onopen: (() => void) | null = null
    onmessage: ((event: { data: unknown }) => void) | null = null
    onclose: ((event: { code: number; reason: string }) => void) | null = null
    readonly #stream: Stream | undefined
    constructor() {
      opened++
      const put = (frame: Frame): void => {
        const data = typeof frame === 'string' ? frame : new Uint8Array(frame).buffer
        clock.after(ROUND_TRIP, () => this.onmessage?.({ data }))
      }
      if (behaves) this.#stream = server.stream(put)
      clock.after(ROUND_TRIP, () => {
        if (this.readyState > 1) return
        this.readyState = 1
        this.onopen?.()
        if (!this.#stream) this.#talk()
      })
    }
    #talk(): void {
      if (this.readyState > 1) return
      const text = behaves ? '' : words.say()
      if (!text) {
        this.close()
        this.onclose?.({ code: 1_006, reason: '' })
        return
      }
      // One text in eight comes as a binary frame.
      const isBinary = text.length % 8 === 0 && !text.includes('"hello"')
      const data = isBinary ? new TextEncoder().encode(text).buffer : text
      this.onmessage?.({ data })
      clock.after(ROUND_TRIP, () => this.#talk())
    }
    send(frame: Frame): void {
      this.#stream?.take(frame)
    }
    close(): void {
      this.readyState = 3
      this.#stream?.cut()
    }
  }

  vi.stubGlobal('EventSource', FakeEventSource)
  vi.stubGlobal('WebSocket', FakeWebSocket)
  onTestFinished(() => void vi.unstubAllGlobals())

  /** Answers every request that is new, after a round trip. */
  const answerRequests = (): void => {
    for (const request of network.requests.splice(0)) {
      if (answered.has(request)) continue
      answered.add(request)
      opened++
      clock.after(ROUND_TRIP, () => {
        if (request.aborted) return
        const text = behaves ? server.exchange(request.body) : words.say()
        if (text) request.answer(text)
        else request.breaks()
      })
    }
    server.write()
    while (server.core.work());
  }
  const advance = clock.advance.bind(clock)
  const known = ALL.filter(({ name }) => transports.includes(name))
  const got: unknown[] = []
  const socket = hurried(() =>
    connect(
      '/rungs',
      { transports: known },
      { createStrategy: ladder, known, clock: browserClock(clock) },
    ),
  )
  socket.onMessage((data) => got.push(data))
  return {
    socket,
    server,
    got,
    opened: () => opened,
    behave: () => void (behaves = true),
    clock: Object.assign(clock, {
      advance(ms: number) {
        answerRequests()
        advance(ms)
        answerRequests()
      },
    }),
  }
}
