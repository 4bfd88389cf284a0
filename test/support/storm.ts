/** A whole client, with its ladder and its real polls, on a network that does whatever it likes. */
import fc from 'fast-check'
import { connect } from '../../src/client.ts'
import { ladder } from '../../src/connection/ladder.ts'
import { awaitsFrame, type Down } from '../../src/protocol.ts'
import type { CarrierEvents, Link, Transport } from '../../src/transports/transport.ts'
import { longPoll } from '../../src/transports/long-poll.ts'
import { shortPoll } from '../../src/transports/short-poll.ts'
import type { Data, Socket, Undelivered } from '../../src/types.ts'
import { fakeBrowser, hurried, settled } from './browser.ts'
import { manualClock } from './clock.ts'
import type { Core, CoreEvents } from './core.ts'
import { fakeNetwork, type FakeRequest } from './requests.ts'
import { testServer, type Frame, type Stream, type TestServer } from './server.ts'
import { dataOf, textOf } from './steps.ts'

const ACTS = [
  ...['send', 'send', 'send', 'server sends', 'server sends', 'handler', 'handler'],
  ...['frame up', 'frame up', 'frame up', 'frame down', 'frame down', 'frame down'],
  ...['request', 'request', 'request', 'answer', 'answer', 'answer', 'request again'],
  ...['cut', 'break', 'time', 'time', 'much time', 'use', 'page cache', 'forget'],
] as const

export type Gust = readonly [act: (typeof ACTS)[number], pick: number]

/** What happens, one thing after the other; with sessions that end, or without. */
export const gusts = (forgetting: boolean): fc.Arbitrary<Gust[]> =>
  fc.array(
    fc.tuple(fc.constantFrom(...ACTS.filter((act) => forgetting || act !== 'forget')), fc.nat(99)),
    { maxLength: 150, size: 'max' },
  )

interface Wire {
  readonly stream: Stream
  readonly up: Frame[]
  readonly down: Frame[]
  readonly on: CarrierEvents
  /** A packet came down, before its events. */
  hear(packet: Down): void
  open: boolean
}

export interface Storm {
  readonly socket: Socket
  readonly server: TestServer
  blow(gusts: readonly Gust[]): Promise<void>
  /** Whatever is under way arrives at last, late as it may be. */
  arriveAll(): Promise<void>
  /** The network is good from now on, until everything has arrived. */
  calm(): Promise<void>
  readonly sentUp: Data[]
  readonly sentDown: Data[]
  readonly got: Data[]
  readonly resets: string[]
  readonly unsent: Undelivered[]
  readonly inDoubt: Undelivered[]
}

export function storm(makeCore: (on: CoreEvents, now: () => number) => Core): Storm {
  const browser = fakeBrowser()
  const network = fakeNetwork()
  const clock = manualClock()
  const server = testServer((on) => makeCore(on, clock.now))
  const wires: Wire[] = []
  const arrived = new Set<FakeRequest>()
  const answers: { readonly request: FakeRequest; readonly text: string }[] = []

  const websocket: Transport = {
    name: 'websocket',
    supported: () => true,
    open(link: Link, on) {
      const up: Frame[] = []
      const down: Frame[] = []
      const stream = server.stream((frame) => void down.push(frame))
      const flush = (): void => {
        for (let frame; wire.open && (frame = link.nextFrame());) up.push(frame)
      }
      const wire: Wire = {
        ...{ stream, up, down, on, open: true },
        hear(packet) {
          link.receive(packet, false)
          on.packet(packet, 100)
          flush()
        },
      }
      wires.push(wire)
      up.push(link.attach().text)
      flush()
      return {
        flush,
        close(bye) {
          if (bye) {
            flush()
            up.push(`{"bye":${bye}}`)
          }
          wire.open = false
        },
      }
    },
  }

  const transports = [websocket, longPoll, shortPoll]
  const socket = hurried(() =>
    connect('/rungs', { transports }, { createStrategy: ladder, known: transports, clock }),
  )
  const heard = { sentUp: [], sentDown: [], got: [], resets: [], unsent: [], inDoubt: [] } as Pick<
    Storm,
    'sentUp' | 'sentDown' | 'got' | 'resets' | 'unsent' | 'inDoubt'
  >
  socket.onMessage((data) => heard.got.push(data))
  socket.onReset(({ reason, unsent, inDoubt }) => {
    heard.resets.push(reason)
    // It is sent again by itself: if it was handled before, that shows at once, or as a message that is handled twice.
    const handled = server.core.handled.map(textOf)
    heard.unsent.push(...unsent.filter(({ data }) => handled.includes(textOf(data))))
    heard.inDoubt.push(...inDoubt)
  })
  socket.onState(({ unsent = [], inDoubt = [] }) => {
    heard.unsent.push(...unsent)
    heard.inDoubt.push(...inDoubt)
  })

  const on = <T>(list: readonly T[], pick: number, act: (item: T) => unknown): boolean => {
    const item = list[pick % list.length]
    if (item !== undefined) act(item)
    return item !== undefined
  }
  const wiresWith = (side: 'up' | 'down'): Wire[] => wires.filter((wire) => wire[side].length > 0)
  const hear = ({ down, open, ...wire }: Wire): void => {
    const packet = JSON.parse(down.shift() as string) as Down
    const entry = awaitsFrame(packet)
    if (entry) entry[0] = down.shift()
    if (open) wire.hear(packet)
  }
  const cut = (wire: Wire): void => {
    wire.stream.cut()
    wire.up.length = wire.down.length = 0
    wire.open = false
    wire.on.closed('cut')
  }
  const request = (): FakeRequest[] => network.requests.filter((each) => !arrived.has(each))
  const arrive = (each: FakeRequest): void => {
    arrived.add(each)
    answers.push({ request: each, text: server.exchange(each.body) })
  }
  const answer = (pick: number): boolean => {
    const [found] = answers.splice(pick % answers.length, 1)
    if (found && !found.request.aborted) found.request.answer(found.text)
    return !!found
  }

  const acts: { readonly [name in Gust[0]]: (pick: number) => unknown } = {
    send(pick) {
      const data = dataOf(heard.sentUp.length + 1, pick) as Data
      heard.sentUp.push(data)
      socket.send(data)
    },
    'server sends'(pick) {
      const data = dataOf(heard.sentDown.length + 1, pick) as Data
      if (server.send(data)) heard.sentDown.push(data)
    },
    handler: () => server.core.work(),
    'frame up': (pick) => on(wiresWith('up'), pick, ({ stream, up }) => stream.take(up.shift()!)),
    'frame down': (pick) => on(wiresWith('down'), pick, hear),
    request: (pick) => on(request(), pick, arrive),
    answer,
    'request again': (pick) => on([...arrived], pick, ({ body }) => server.exchange(body)),
    cut: (pick) =>
      on(
        wires.filter(({ open }) => open),
        pick,
        cut,
      ),
    break(pick) {
      const live = network.requests.filter(({ aborted }) => !aborted)
      on(live, pick, (each) => !answers.some((other) => other.request === each) && each.breaks())
    },
    time: (pick) => clock.advance(pick * 10),
    'much time': (pick) => clock.advance(pick * 500),
    use: (pick) =>
      socket.setTransports(pick % 2 ? ['websocket'] : ['long-poll', 'short-poll', 'websocket']),
    'page cache'() {
      browser.fire('pagehide', true)
      browser.fire('pageshow', true)
    },
    forget: () => server.end(),
  }

  const step = async (work: () => unknown): Promise<void> => {
    work()
    await settled()
    server.write()
  }

  return {
    ...heard,
    socket,
    server,
    async blow(all) {
      for (const [act, pick] of all) await step(() => acts[act](pick))
    },
    async arriveAll() {
      await step(() => {
        for (const { stream, up } of wires) for (const frame of up.splice(0)) stream.take(frame)
        for (const each of request()) server.exchange(each.body)
        for (const body of network.letters) server.exchange(body)
      })
      while (server.core.work()) await settled()
    },
    async calm() {
      await step(() => socket.setTransports(['websocket']))
      for (let round = 0; round < 60; round++) {
        // Often enough for whatever is tried to be answered within its deadline.
        await step(() => clock.advance(1_000))
        await step(() => {
          for (const wire of wiresWith('up'))
            while (wire.up.length > 0) wire.stream.take(wire.up.shift()!)
          request().forEach(arrive)
        })
        while (server.core.work()) await step(() => {})
        await step(() => {
          for (const wire of wiresWith('down')) while (wire.down.length > 0) hear(wire)
          for (let left = answers.length; left > 0; left--) answer(0)
        })
      }
    },
  }
}
