/** Real client sessions on networks that do whatever they like: each step does one thing that a network can do. */
import { decodeEntries, toBase64 } from '../../src/transports/base64.ts'
import { awaitsFrame, createMessage, type Down } from '../../src/protocol.ts'
import type { SavedSession } from '../../src/session/saved.ts'
import { createSession, type Session } from '../../src/session/session.ts'
import type { Link } from '../../src/transports/transport.ts'
import { settled } from './browser.ts'
import type { ManualClock } from './clock.ts'
import type { Frame, Stream, TestServer } from './server.ts'
import { URL } from './session.ts'
import { dataOf, type Act, type Step } from './steps.ts'

/** One use of a transport. What it carried may arrive long after it is gone. */
interface Carrier {
  readonly session: Session
  readonly link: Link
  readonly stream: Stream | undefined
  readonly up: Frame[]
  readonly down: Frame[]
  /** A poll: whether its exchange is under way. */
  busy: boolean
  open: boolean
}

export interface Chaos {
  run(steps: readonly Step[]): Promise<void>
  /** The network is good from now on, until nothing moves any more. */
  heal(): Promise<void>
  session(): Session
  readonly sentUp: unknown[]
  readonly sentDown: unknown[]
  readonly got: unknown[]
  readonly unsent: unknown[]
  readonly inDoubt: unknown[]
  readonly lost: string[]
}

export function chaos(clock: ManualClock, server: TestServer): Chaos {
  let listening = true
  let carriers: Carrier[] = []
  const bodies: string[] = []
  const answers: { readonly carrier: Carrier; readonly text: string }[] = []
  const packets: { readonly session: Session; readonly down: Down }[] = []
  const test = { sentUp: [], sentDown: [], got: [], unsent: [], inDoubt: [], lost: [] } as Omit<
    Chaos,
    'run' | 'heal' | 'session'
  >

  let generation = 0
  let holders = 0
  const begin = (saved?: SavedSession): Session => {
    const own: Session = createSession(
      clock,
      {
        onMessage: ([data]) => void test.got.push(data),
        hasListeners: () => listening,
        onPending: () => {},
        onTokenAsked: () => {},
        onTooLarge: () => {},
        onSessionLost: (reason) => lose(own, reason),
      },
      { ...saved, page: [saved ? ++generation : (generation = 0), `holder ${++holders}`] },
    )
    return own
  }

  /** What the client does when the server does not know its session. */
  const lose = (own: Session, reason: string): void => {
    if (own !== session) return
    test.lost.push(reason)
    const data = own.outbox.messages.map(
      ({ body }) => (typeof body === 'string' ? JSON.parse(body) : body) as unknown,
    )
    const handed = data.length - own.outbox.unsentCount
    test.inDoubt.push(...data.slice(0, handed))
    test.unsent.push(...data.slice(handed))
    carriers.forEach(letGo)
    session = begin()
  }

  const letGo = (carrier: Carrier): void => {
    carrier.open = false
    carrier.link.releaseAll()
  }

  const breakOff = (carrier: Carrier): void => {
    carrier.stream?.cut()
    carrier.up.length = carrier.down.length = 0
    letGo(carrier)
  }

  /** A packet reaches the session that its carrier belongs to, if that lives. */
  const arrive = (carrier: Carrier, down: Down): void => {
    if (carrier.session !== session) return
    packets.push({ session, down: structuredClone(down) })
    if (carrier.open) carrier.link.receive(down, !carrier.stream)
    session.receive(down, 100)
    if (!down.end) return
    if (carrier.open) letGo(carrier)
    if (down.end[2] === 'reset') lose(carrier.session, down.end[1])
  }

  const open = (isStream: boolean): void => {
    const down: Frame[] = []
    const stream = isStream ? server.stream((frame) => void down.push(frame)) : undefined
    const link = session.openLink({ url: URL, credentials: false })
    const carrier = { session, link, stream, up: [], down, busy: false, open: true } as Carrier
    carriers.push(carrier)
    if (stream) carrier.up.push(link.attach().text)
  }

  const send = (carrier: Carrier, answer: 'none' | 'now'): void => {
    const { link, up, stream } = carrier
    if (stream) {
      for (let frame; (frame = link.nextFrame());) up.push(frame)
    } else if (!carrier.busy) {
      carrier.busy = true
      const { text: body } = link.attach({ answer: `"${answer}"` }, toBase64)
      bodies.push(body)
      up.push(body)
    }
  }

  /** The next packet of a stream: a frame, or two. */
  const hear = (carrier: Carrier): boolean => {
    const { down, stream } = carrier
    if (!stream || down.length === 0) return false
    const packet = JSON.parse(down[0] as string) as Down
    const entry = awaitsFrame(packet)
    if (entry && down.length < 2) return false
    down.shift()
    if (entry) entry[0] = down.shift()
    arrive(carrier, packet)
    return true
  }

  const tell = (carrier: Carrier): boolean => {
    const frame = carrier.up.shift()
    if (frame === undefined) return false
    if (carrier.stream) carrier.stream.take(frame)
    else answers.push({ carrier, text: server.exchange(frame as string) })
    return true
  }

  const answer = (index: number): boolean => {
    const [found] = answers.splice(index, 1)
    if (!found) return false
    const { carrier, text } = found
    carrier.busy = false
    const down = JSON.parse(text) as Down
    decodeEntries(down.batch?.[1])
    arrive(carrier, down)
    return true
  }

  const pickOf = <T>(list: readonly T[], pick: number, act: (item: T) => unknown): void => {
    const item = list[pick % list.length]
    if (item !== undefined) act(item)
  }
  const opened = (): Carrier[] =>
    carriers.filter((carrier) => carrier.open && carrier.session === session)
  const withFrames = (streams: boolean): Carrier[] =>
    carriers.filter(({ up, stream }) => up.length > 0 && !stream === !streams)

  const acts: { readonly [name in Act]: (pick: number) => unknown } = {
    'a message up'(pick) {
      const data = dataOf(test.sentUp.length + 1, pick)
      test.sentUp.push(data)
      session.outbox.push(createMessage(data)!)
    },
    'a message down'(pick) {
      const data = dataOf(test.sentDown.length + 1, pick)
      if (server.send(data)) test.sentDown.push(data)
    },
    'a stream opens': () => open(true),
    'a poll opens': () => open(false),
    'what is to be sent is sent': (pick) =>
      pickOf(opened(), pick, (carrier) => send(carrier, pick % 2 ? 'now' : 'none')),
    'a frame arrives up': (pick) => pickOf(withFrames(true), pick, tell),
    'a frame arrives down'(pick) {
      pickOf(
        carriers.filter(({ down }) => down.length > 0),
        pick,
        hear,
      )
    },
    'a request arrives': (pick) => pickOf(withFrames(false), pick, tell),
    // A browser repeats a request if its connection breaks; nobody hears the other answer.
    'a request arrives again': (pick) => pickOf(bodies, pick, server.exchange),
    'an answer arrives': (pick) => answer(pick % answers.length),
    'a packet arrives again': (pick) =>
      pickOf(packets, pick, (packet) => {
        if (packet.session === session) session.receive(structuredClone(packet.down), 100)
      }),
    'the client lets a carrier go': (pick) => pickOf(opened(), pick, letGo),
    'a connection breaks': (pick) => pickOf(opened(), pick, breakOff),
    'a handler finishes': () => server.core.work(),
    'time passes': (pick) => clock.advance(pick * 100),
    'a listener comes or goes'() {
      listening = !listening
      session.deliver()
    },
    'the page reloads'() {
      const saved = session.save()
      if (!saved) return
      carriers.forEach(letGo)
      session = begin(saved)
    },
    'the server forgets': () => server.end(),
  }

  const step = async (work: () => unknown): Promise<void> => {
    work()
    await settled()
    server.write()
  }

  let session = begin()
  return {
    ...test,
    session: () => session,
    async run(all) {
      for (const { act, pick } of all) await step(() => acts[act](pick))
    },
    async heal() {
      carriers.forEach(breakOff)
      answers.length = 0
      listening = true
      session.deliver()
      for (let quiet = 0; quiet < 3; quiet++) {
        carriers = carriers.filter((carrier) => carrier.open && carrier.session === session)
        if (carriers.length === 0) open(true)
        const [carrier] = carriers
        await step(() => {
          clock.advance(6_000)
          send(carrier!, 'none')
          while (tell(carrier!)) quiet = 0
        })
        await step(() => {
          while (server.core.work()) quiet = 0
        })
        await step(() => {
          while (hear(carrier!)) quiet = 0
        })
      }
    },
  }
}
