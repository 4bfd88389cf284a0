/** A socket and the server's end of its carriers, in memory: what one sends the other has received. */
import { connect } from '../../src/client.ts'
import { RungsError } from '../../src/error.ts'
import { ladder } from '../../src/connection/ladder.ts'
import { awaitsFrame } from '../../src/protocol.ts'
import type { Attach, Down, Entry, Hello, TransportName, Up } from '../../src/protocol.ts'
import type { Transport } from '../../src/transports/transport.ts'
import type {
  CoreOptions,
  Data,
  ResetEvent,
  Socket,
  StateEvent,
  TransportEvent,
  RefusedMessage,
} from '../../src/types.ts'
import { fakeBrowser, hurried, settled, type FakeBrowser } from './browser.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { HELLO } from './session.ts'

/** The server's end of one carrier. */
export interface Wire {
  readonly name: TransportName
  readonly url: string
  readonly credentials: boolean
  /** Packets that came, binary in its place. */
  readonly received: Up[]
  readonly attach: Attach
  /** Data of all messages that came. */
  readonly data: unknown[]
  /** Not closed by the client, or with this goodbye. */
  closed: false | { readonly bye: unknown }
  /** The connection is there: the attach comes, and messages behind it. */
  connect(): void
  /** The same, and the server says hello. */
  open(hello?: Partial<Hello>): void
  tell(down: Down): void
  /** Accepts what has come over this wire. */
  accept(): void
  /** Sends messages down. */
  message(...entries: readonly Entry[]): void
  /** The browser ends the connection, and has not said so yet. */
  hang(): void
  /** The connection breaks. */
  cut(reason?: string): void
}

export interface Pair<Out = Data> {
  readonly socket: Socket<Data, Out>
  readonly clock: ManualClock
  readonly browser: FakeBrowser
  readonly wires: readonly Wire[]
  /** The last one. */
  wire(): Wire
  /** What the application has heard. */
  readonly got: unknown[]
  readonly states: StateEvent<Out>[]
  readonly moves: TransportEvent[]
  readonly resets: ResetEvent<Out>[]
  readonly refused: RefusedMessage<Out>[]
  /** Changes the server's memory: it knows nothing of this session any more. */
  forget(): void
}

export type PairOptions = Partial<Omit<CoreOptions, 'ladder'>> & {
  readonly url?: string
  readonly deaf?: boolean
}

export function pair(options: PairOptions = {}): Pair {
  const browser = fakeBrowser()
  const clock = manualClock()
  const wires: Wire[] = []
  let epoch = 1
  let head = 0
  let accepted = 0

  const transport = (name: TransportName): Transport => ({
    name,
    supported: () => true,
    open(link, on) {
      const frames: (string | Uint8Array)[] = []
      let connected = false
      const send = (frame: string | Uint8Array): void => {
        const last = wire.received.at(-1)
        const entry = last && awaitsFrame(last)
        frames.push(frame)
        if (typeof frame === 'string') wire.received.push(JSON.parse(frame) as Up)
        else if (entry) entry.splice(0, 3, frame)
      }
      const flush = (): void => {
        for (let frame; connected && (frame = link.nextFrame());) send(frame)
      }
      const wire: Wire = {
        name,
        url: link.url,
        credentials: link.credentials,
        received: [],
        closed: false,
        get attach() {
          return wire.received[0]!.attach!
        },
        get data() {
          return wire.received.flatMap(({ batch }) => batch?.[1] ?? []).map(([data]) => data)
        },
        connect() {
          connected = true
          send(link.attach().text)
          flush()
        },
        open(hello) {
          wire.connect()
          wire.tell({
            hello: { ...HELLO, epoch: `e${epoch}`, ...hello },
            ack: [accepted, accepted, head],
          })
          wire.tell({ ready: 1 })
        },
        tell(down) {
          if (wire.closed) return
          link.receive(down, false)
          on.packet(down, JSON.stringify(down).length)
        },
        accept() {
          for (const { batch } of wire.received) {
            if (batch) accepted = Math.max(accepted, batch[0] + batch[1].length - 1)
          }
          wire.tell({ ack: [accepted, accepted, head] })
        },
        message(...entries) {
          const first = head + 1
          head += entries.length
          wire.tell({ batch: [first, entries] })
        },
        hang() {
          connected = false
        },
        cut(reason = 'closed-1006') {
          connected = false
          if (!wire.closed) on.closed(reason)
        },
      }
      wires.push(wire)
      return {
        flush,
        close(bye) {
          const saysGoodbye = !!bye && connected
          if (saysGoodbye) flush()
          connected = false
          wire.closed = { bye: bye && (JSON.parse(bye) as unknown) }
          return saysGoodbye
        },
      }
    },
  })

  const { url = '/rungs', deaf, ...rest } = options
  const transports = [transport('websocket'), transport('sse')]
  const socket = hurried(() =>
    connect(url, { transports, ...rest }, { createStrategy: ladder, known: transports, clock }),
  )
  const test: Pair = {
    socket,
    clock,
    browser,
    wires,
    wire: () => wires.at(-1)!,
    got: [],
    states: [],
    moves: [],
    resets: [],
    refused: [],
    forget() {
      epoch++
      head = accepted = 0
    },
  }
  socket.onState((event) => test.states.push(event))
  socket.onTransport((event) => test.moves.push(event))
  socket.onReset((event) => test.resets.push(event))
  socket.onRefused((message) => test.refused.push(message))
  if (!deaf) socket.onMessage((data) => test.got.push(data))
  return test
}

/** The same, on a carrier that is proven. */
export function opened(options: PairOptions = {}): Pair {
  const test = pair(options)
  test.wire().open()
  return test
}

/** A socket whose carrier has taken what it was to send. */
export async function sent(test: Pair, ...data: readonly Data[]): Promise<void> {
  for (const each of data) test.socket.send(each)
  await settled()
}

/** `type` of the error that is thrown, or what was answered or thrown instead. */
export function errorOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error instanceof RungsError ? error.type : error
  }
}
