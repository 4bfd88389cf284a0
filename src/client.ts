/**
 * The socket: `send`, `onMessage` and what becomes of the session behind them.
 *
 *     connecting ──▶ open ◀──▶ reconnecting        a carrier is proven / none is left
 *         └────────────┴────────────┴──▶ closed    close(), a final refusal, `signal`; nothing leads out of it
 */
import { systemClock, type Clock } from './clock.ts'
import { settle, soon } from './engine.ts'
import { RungsError } from './error.ts'
import { createEvent } from './event.ts'
import { watchPage } from './page-lifecycle.ts'
import { MAX_MESSAGE, REFUSED, createMessage, type Down, type Message } from './protocol.ts'
import type { CreateStrategy } from './rung.ts'
import type { Saved } from './saved.ts'
import { createSession, type Session } from './session.ts'
import type { Transport } from './transport.ts'
import type {
  Data,
  Leftovers,
  MessageInfo,
  CoreOptions,
  ResetEvent,
  Socket,
  State,
  StateEvent,
  TransportEvent,
  Undelivered,
} from './types.ts'

/** Messages that may wait, whatever their size. */
const MAX_WAITING = 65_536
/** Seconds that a session outlives its page, if it can be resumed. */
const GRACE = 10

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @param clock Time and chance, for tests.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
export function connect<In = Data, Out = Data>(
  url = '/rungs',
  options: CoreOptions & { readonly ladder: CreateStrategy },
  clock: Clock = systemClock,
): Socket<In, Out> {
  const {
    transports,
    ladder: createStrategy,
    auth,
    resume,
    remember,
    maxBuffered = 4 * MAX_MESSAGE,
    resend,
    credentials = false,
    signal,
  } = options

  /** The transports with these names that the browser has, in this order. */
  const usable = (names: readonly string[]): Transport[] => {
    const found: Transport[] = []
    names.forEach((name) =>
      transports.forEach((each) => each.name === name && each.supported() && found.push(each)),
    )
    if (!found.length || typeof document === 'undefined' || typeof crypto === 'undefined') {
      throw new RungsError('unsupported', 'This browser lacks ' + names)
    }
    return found
  }
  let first: Transport[] | undefined = usable(transports.map(({ name }) => name))

  // Resolves against the page in every engine; `new URL` is younger than some of them.
  const anchor = document.createElement('a')
  anchor.href = url
  const target = anchor.href.replace(/^ws/, 'http').replace(/\/$/, '')
  if (!/^https?:[^?#]+$/.test(target)) {
    throw new RungsError('invalid-url', 'No http(s) URL without query: ' + url)
  }
  if (!(maxBuffered > 0)) throw new RungsError('invalid-option', 'maxBuffered takes bytes above 0')

  const messages = createEvent<[In, MessageInfo]>()
  const states = createEvent<[StateEvent<Out>]>()
  const moves = createEvent<[TransportEvent]>()
  const resets = createEvent<[ResetEvent<Out>]>()
  const refusals = createEvent<[Undelivered<Out>]>()

  let state: State = 'connecting'
  let transport: TransportEvent['transport'] = null
  let flushing = false
  let waiters: { readonly number: number; done(): void; fail(error: RungsError): void }[] = []

  /** The only way from state to state. */
  const become = (next: State, reason: string, more?: Partial<StateEvent<Out>>): void => {
    if (next === state || state === 'closed') return
    state = next
    states.emit({ ...more, state, reason })
  }

  const flush = (): void => {
    if (flushing) return
    // What is sent within one task travels as one batch.
    flushing = true
    soon(() => {
      flushing = false
      ladder.flush()
    })
  }

  const begin = (saved?: Saved): Session =>
    createSession(
      clock,
      {
        message([data, peer, kind]) {
          if (kind! & REFUSED) refusals.emit({ data: data as Out, to: peer as string[] })
          else messages.emit(data as In, peer ? { from: peer as string } : {})
        },
        heard: () => state !== 'closed' && messages.heard(),
        flush,
        lost: (reason) => reset(reason),
      },
      !!resume,
      saved,
    )

  /** What the session leaves behind. Whoever waits for it to drain is told. */
  const leave = (error: RungsError): Leftovers<Out> => {
    const given = session.log.map(({ body, peer }: Message) => {
      const data = (typeof body === 'string' ? JSON.parse(body) : body) as Out
      return peer ? { data, to: peer as string[] } : { data }
    })
    const handed = given.length - session.unsent
    waiters.splice(0).forEach(({ fail }) => fail(error))
    return { unsent: given.slice(handed), inDoubt: given.slice(0, handed) }
  }

  const reset = (reason: string): void => {
    const { log, unsent } = session
    const leftovers = leave(new RungsError('reset', 'The server lost the session: ' + reason))
    session = begin()
    if (resend !== 'none')
      log.slice(resend === 'all' ? 0 : log.length - unsent).forEach(session.push)
    ladder.restart('reset')
    resets.emit({ ...leftovers, reason })
  }

  const finish = (reason: string, code = 1000, bye?: string): void => {
    // A goodbye takes along what was not sent yet, which is in doubt from then on.
    ladder.stop(bye)
    transport = null
    const leftovers = leave(new RungsError('closed', 'The socket is closed: ' + reason))
    unwatch()
    signal?.removeEventListener('abort', abort)
    become('closed', reason, { code, ...leftovers })
  }

  const close = (code = 1000, reason = 'closed'): void => {
    if (state !== 'closed') finish(reason, code, JSON.stringify([0, code, reason]))
  }
  const abort = (): void => close(1000, 'aborted')

  const take = (down: Down, bytes: number, proven: boolean): void => {
    const { end } = down
    session.take(down, bytes)
    waiters = waiters.filter(({ number, done }) => number > session.accepted || done())
    if (!end) return
    const [type, reason, then, code] = end
    if (then === 'reset') reset(type === 'gone' ? reason : type)
    // A token may grow old on a carrier that lives; the next attempt asks `auth` for a new one.
    else if (
      then === 'final' &&
      !(type === 'unauthorized' && proven && typeof auth === 'function')
    ) {
      finish(type === 'closed' ? reason : type, code)
    }
  }

  const known = remember?.load(target) || { scores: {}, rtt: null }
  const ladder = createStrategy(
    clock,
    {
      link(use, fail) {
        const got = (token?: string): void => use(session.link(target, credentials, token))
        if (typeof auth === 'function') settle(auth, got, (error) => fail('auth: ' + error))
        else got(auth)
      },
      session: () => session,
      packet: take,
      change(next, reason) {
        const previous = transport
        transport = next
        remember?.save(target, { ...known, rtt: session.rtt || known.rtt })
        moves.emit({ transport, previous, reason })
        if (transport !== previous) become(transport ? 'open' : 'reconnecting', reason)
      },
    },
    known,
  )

  const unwatch = watchPage({
    hide(cached) {
      const saved = resume && session.save()
      const kept = saved && resume.put(saved)
      ladder.stop(cached ? '' : '[' + (kept ? GRACE : 0) + ']')
    },
    show() {
      resume?.take()
      ladder.restart('page-cache')
    },
    wake: ladder.wake,
  })

  const live = (): void => {
    if (state === 'closed') throw new RungsError('closed', 'The socket is closed: connect again')
  }

  let session = begin(resume?.take())
  // What this task sends goes along with the first exchange.
  soon(() => first && state !== 'closed' && ladder.use(first))
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()

  return {
    get id() {
      return session.hello?.id || null
    },
    get state() {
      return state
    },
    get transport() {
      return transport
    },
    get rtt() {
      return session.rtt
    },
    attempts: ladder.attempts,
    get bufferedAmount() {
      return session.buffered
    },
    send(data, { to, volatile } = {}) {
      live()
      const message = createMessage(data, to)
      const most = session.hello?.maxMessage || MAX_MESSAGE
      if (!message) throw new RungsError('invalid-message', 'Send JSON, an ArrayBuffer or a view')
      if (message.size > most) {
        throw new RungsError(
          'message-too-large',
          message.size + ' bytes are more than ' + most + '; split it',
        )
      }
      if (!volatile) {
        if (session.buffered + message.size > maxBuffered || session.log.length >= MAX_WAITING) {
          throw new RungsError('buffer-full', session.buffered + ' bytes wait; await drained()')
        }
        session.push(message)
      } else if (transport) session.volatile.push(message)
      flush()
    },
    onMessage(listener) {
      // Not within this call: whoever subscribes has no `Off` before it returns, and may be a listener itself.
      soon(() => session.deliver())
      return messages.on(listener)
    },
    onState: states.on,
    onTransport: moves.on,
    onReset: resets.on,
    onRefused: refusals.on,
    use(names) {
      live()
      const wanted = usable(names)
      first = undefined
      ladder.use(wanted)
    },
    drained() {
      return new Promise((done, fail) => {
        live()
        const { log, accepted } = session
        if (log.length) waiters.push({ number: accepted + log.length, done, fail })
        else done()
      })
    },
    close,
  }
}
