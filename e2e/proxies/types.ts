/** Words of this folder: a proxy, its configurations, and what Rungs is expected to do behind each. */
import type { Options } from '@rungs/server'
import type { TransportName } from '../../src/types.ts'
import type { Child } from '../support/process.ts'
import type { Certificate } from './certificate.ts'

export type BrowserName = 'chromium' | 'firefox' | 'webkit'

/** Where a proxy listens and what is behind it. */
export interface Scene {
  /** Temporary folder of this proxy, which its configuration is written into. */
  readonly folder: string
  /** Free port of the loopback interface. */
  readonly port: number
  /** The servers behind the proxy, as `127.0.0.1:PORT`. */
  readonly servers: readonly string[]
  readonly certificate: Certificate
}

/** A proxy's configuration, ready to be started. */
export interface Plan {
  /** Texts to be written into the folder, by file name. */
  readonly files: Readonly<Record<string, string>>
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Loads the configuration anew without closing what is open; absent where the proxy cannot. */
  readonly reload?: Reload
}

/** A signal for the running process, or arguments of a second one that takes over from this process id. */
export type Reload = NodeJS.Signals | ((pid: number) => readonly string[])

/** Rungs' behaviour behind a configuration. */
export interface Expectation {
  /** The transport that carries after settling, and at the end; `null` where the server refuses the page. */
  readonly transport: TransportName | null
  /** `diagnose()`'s `use`. Default: `transport`; `any` where each request may meet another server. */
  readonly use?: TransportName | 'any' | null
  /** Resets at most. Default 0. */
  readonly resets?: number
  /** States other than `open` after settling, at most. Default 0. */
  readonly flickers?: number
}

export type Incident = 'reload' | 'restart of the proxy' | 'restart of the server'

export interface Configuration {
  readonly name: string
  readonly expect: Expectation
  /** Part of `npm test`. */
  readonly quick?: boolean
  /** Default: Chromium alone. */
  readonly browsers?: readonly BrowserName[]
  /** Servers without a common store, behind one proxy. Default 1. */
  readonly servers?: number
  /** Options of the hub. */
  hub?(page: { readonly port: number }): Options
  /** Bytes of a message that is sent up besides the numbers. */
  readonly large?: number
  /** Milliseconds of idleness before each phase, at least: above the limit of a proxy. */
  readonly idle?: number
  /** Happens once, while messages flow. */
  readonly incident?: Incident
  /** The page's address: its scheme, host, and path. Default `http`, `127.0.0.1`, `/`. */
  readonly address?: { readonly scheme?: 'https'; readonly host?: string; readonly path?: string }
  /** A forward proxy: the browser is told to use it, and the page's address is the server's. */
  readonly forward?: boolean
  /** Absent where nothing stands between the browser and the server, which then serves TLS and HTTP/2 itself. */
  plan?(scene: Scene): Plan
}

export interface Proxy {
  readonly name: string
  /** Executable; `null` for Node itself. Configurations of a program that is not installed are skipped. */
  readonly program: string | null
  readonly configurations: readonly Configuration[]
}

/** A proxy that runs. */
export interface Running {
  readonly child: Child
  reload(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}
