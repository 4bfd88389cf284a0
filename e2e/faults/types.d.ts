/** The types of `rungs-faults`. */

/**
 * What a connection is used for at this moment: `websocket` from its upgrade request on; `stream` from an
 * answer without `Content-Length` on (or a request that accepts `text/event-stream`) until that answer ends;
 * else `request`, also while it is idle.
 */
export type Kind = 'websocket' | 'stream' | 'request'

/** `up`: from the client to the upstream server; `down`: the other way. */
export type Direction = 'up' | 'down'

export interface Each<T> {
  readonly up: T
  readonly down: T
}

/** How often a misbehaviour that takes single requests strikes. */
export interface Strikes {
  /** Share of the requests, from 0 to 1, drawn from the proxy's seed. Default 1. */
  readonly rate: number
  /** Only so many requests from the moment the mode is set. Default: no limit. */
  readonly times: number
}

/** What becomes of a client that gets no answer: `hang` keeps its connection open, `reset` sends RST. */
export interface Unanswered extends Strikes {
  /** Default `hang`. */
  readonly then: 'hang' | 'reset'
}

/** Age and idleness in milliseconds at which a connection is closed; at least one of them. */
export interface Limits {
  readonly age?: number
  readonly idle?: number
}

export type None = Readonly<Record<never, never>>

/** Each mode with all its parameters; `modes.mjs` says what they do, and their defaults. */
export interface Settings {
  readonly delay: Each<number> & { readonly handshake: boolean }
  readonly jitter: Each<number>
  readonly bandwidth: Partial<Each<number>>
  readonly 'starve-connections': { readonly limit: number }
  readonly 'http-1.0': None
  readonly 'rewrite-host': None
  readonly 'never-answer-websocket': None
  readonly 'reject-websocket': { readonly status: number }
  readonly 'strip-websocket': None
  readonly 'mute-websocket': None
  readonly 'kill-websocket': Limits
  readonly 'delay-websocket': Each<number>
  readonly 'buffer-streams': { readonly headers: boolean }
  readonly 'hold-streams': { readonly size: number }
  readonly 'block-streams': { readonly size: number }
  readonly 'lag-streams': None
  readonly 'cut-streams': Limits
  readonly 'kill-requests': { readonly after: number; readonly status: number }
  readonly 'limit-bodies': { readonly size: number; readonly status: number }
  readonly 'lose-requests': Unanswered
  readonly 'lose-answers': Unanswered
  readonly 'repeat-requests': Strikes & {
    readonly after: number
    readonly answer: 'first' | 'second'
  }
  readonly 'stale-answers': Strikes & {
    readonly to: 'same' | 'next'
    /** `answer`: what is given to the later request was given to this one, too. */
    readonly then: Unanswered['then'] | 'answer'
  }
  readonly only: { readonly path: string }
}

export type ModeName = keyof Settings

/**
 * What `proxy.set` takes. `true` means all defaults, a number or a string the first parameter (for `up` and
 * `down`: both), `false` or `undefined` turns the mode off.
 */
export type Faults = {
  readonly [Name in ModeName]?: boolean | number | string | Partial<Settings[Name]> | undefined
}

export interface Silence {
  /** Which way no byte passes. Default `both`. */
  readonly direction?: Direction | 'both'
  /** Milliseconds until bytes pass again. Default: until the returned function or `clear()` is called. */
  readonly ms?: number
  /**
   * `false` (default): bytes are held and delivered afterwards. `true`: they are lost, and since TCP never
   * skips a byte, these connections stay silent for ever; neither side learns that the other one closed.
   */
  readonly lost?: boolean
  /** `true`: only connections that exist now; new ones work. Default `false`. */
  readonly existing?: boolean
}

export interface Stats {
  readonly connections: { readonly open: number; readonly total: number }
  /** Requests so far. */
  readonly requests: Readonly<Record<Kind, number>>
  /** Requests that are being served now. */
  readonly live: Readonly<Record<Kind, number>>
  /** Bytes received from clients (`up`) and sent to them (`down`), HTTP heads included. */
  readonly bytes: Each<number>
}

/** What the log callback is told. `path` has no query: tickets travel there. */
export type ProxyEvent =
  | { readonly type: 'connection' | 'clear' }
  | { readonly type: 'set'; readonly faults: Faults }
  | { readonly type: 'cut'; readonly kind: Kind | 'all'; readonly count: number }
  | { readonly type: 'refuse'; readonly ms: number }
  | ({ readonly type: 'silence' } & Silence)
  | {
      readonly type: 'request'
      readonly kind: Kind
      readonly method: string
      readonly path: string
    }
  /** A mode struck. */
  | { readonly type: 'fault'; readonly mode: ModeName; readonly kind: Kind; readonly path: string }
  | { readonly type: 'error'; readonly where: string; readonly message: string }

export type Log = (event: ProxyEvent) => void

export interface ProxyOptions {
  /** Origin of the real server, `http://host:port`. */
  readonly upstream: string
  /** Port to listen on; 0, the default, takes any free one. */
  readonly port?: number
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** Seed of all that is random: jitter and `rate`. Default 1. */
  readonly seed?: number
  /** Modes from the start. */
  readonly faults?: Faults
  readonly log?: Log
  /** Default: the real one. */
  readonly clock?: Clock
}

/** A running proxy. */
export interface FaultProxy {
  /** Where clients connect, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Adds modes to those that are set, or changes them; strikes at once, live connections included. */
  set(faults: Faults): void
  /** Ends every mode, silence and refusal. Connections that are lost stay lost. */
  clear(): void
  /** Resets (RST) every client connection, or those of one kind; returns how many. */
  cut(kind?: Kind): number
  /** Refuses new connections for so many milliseconds (default: until ended). Returns what ends it early. */
  refuse(ms?: number): () => void
  /** Connections stay open, and nothing passes. Returns what ends it early. */
  silence(silence?: Silence): () => void
  readonly stats: Stats
  /** Is told what happens; can be set and replaced at any time. */
  log: Log | undefined
  close(): Promise<void>
}

/** Time, injected so that tests need no waiting. Milliseconds. */
export interface Clock {
  now(): number
  /** Calls back after so many milliseconds; returns what cancels it. */
  after(ms: number, callback: () => void): () => void
}

/** Starts a proxy, which serves when the promise resolves. */
export declare function startFaultProxy(options: ProxyOptions): Promise<FaultProxy>
