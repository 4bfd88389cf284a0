/** The scripts of a store, which Redis keeps by their digests. */
import { createHash } from 'node:crypto'
import type { StoreLimits } from '../store/store.ts'
import type { Command } from './clients.ts'
import * as admission from './lua/admit.ts'
import { CREATION } from './lua/creation.ts'
import * as lifetime from './lua/lifetime.ts'
import * as log from './lua/log.ts'
import * as messages from './lua/messages.ts'
import { SESSION } from './lua/session.ts'
import * as up from './lua/up.ts'

/** Milliseconds after which a claim that is not renewed is free again. */
const CLAIM_TTL = 5_000

const { CHECKS, TOKEN, admit, ...small } = admission
const { LIFETIME, ...ends } = lifetime
const { LOG, ...logs } = log
const { TARGETS, ...sends } = messages

/** Puts functions before each of some scripts. */
function withFunctions<Name extends string>(
  scripts: Readonly<Record<Name, string>>,
  ...functions: readonly string[]
): Record<Name, string> {
  const entries = Object.entries<string>(scripts)
  const sources = entries.map(([name, body]) => [name, [...functions, body].join('\n')] as const)
  return Object.fromEntries(sources) as Record<Name, string>
}

const SOURCES: Readonly<Record<ScriptName, string>> = {
  ...withFunctions(up, SESSION),
  ...withFunctions(ends, SESSION, LIFETIME),
  ...withFunctions(logs, SESSION, LIFETIME, LOG),
  ...withFunctions(sends, SESSION, LIFETIME, LOG, TARGETS),
  ...withFunctions(small, SESSION, LIFETIME, LOG, TOKEN),
  ...withFunctions({ admit }, SESSION, LIFETIME, LOG, TOKEN, CHECKS, CREATION),
}

export type ScriptName =
  | keyof typeof up
  | Exclude<keyof typeof lifetime, 'LIFETIME'>
  | Exclude<keyof typeof log, 'LOG'>
  | Exclude<keyof typeof messages, 'TARGETS'>
  | Exclude<keyof typeof admission, 'CHECKS' | 'TOKEN'>

interface Script {
  readonly text: string
  readonly digest: string
}

export interface ScriptsOptions {
  readonly command: Command
  readonly prefix: string
  readonly limits: StoreLimits
  /** Milliseconds that an answer of Redis is waited for. */
  readonly timeout: number
  /** A clock in milliseconds, for tests. Absent: that of Redis, which all nodes share. */
  readonly now: (() => number) | undefined
}

export class Scripts {
  readonly #options: ScriptsOptions
  readonly #scripts = new Map<ScriptName, Script>()
  readonly #pending = new Set<Promise<unknown>>()

  constructor(options: ScriptsOptions) {
    this.#options = options
    const constants = constantsOf(options)
    for (const [name, source] of Object.entries<string>(SOURCES)) {
      const text = constants + source
      const digest = createHash('sha1').update(text).digest('hex')
      this.#scripts.set(name as ScriptName, { text, digest })
    }
  }

  /** Runs a script. Rejects if Redis fails, or does not answer in time: the script may run all the same then. */
  run(name: ScriptName, ...args: readonly (string | number)[]): Promise<unknown> {
    const { now, timeout } = this.#options
    const clock = now ? String(now()) : ''
    const script = this.#scripts.get(name)!
    const answer = within(timeout, this.#evaluate(script, [clock, ...args.map(String)]))
    const forget = (): void => void this.#pending.delete(answer)
    this.#pending.add(answer)
    answer.then(forget, forget)
    return answer
  }

  /** Settles when all that runs now has an answer, or has failed. */
  async waitUntilSettled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  async #evaluate({ text, digest }: Script, args: readonly string[]): Promise<unknown> {
    const { command } = this.#options
    try {
      return await command('EVALSHA', digest, '0', ...args)
    } catch (error) {
      // Redis was restarted, or has forgotten its scripts.
      if (!String(error).includes('NOSCRIPT')) throw error
      return await command('EVAL', text, '0', ...args)
    }
  }
}

/** Lua that names the prefix and the limits. They are part of the scripts, because they never change. */
function constantsOf({ prefix, limits }: ScriptsOptions): string {
  const numbers = {
    SESSION_TTL: limits.sessionTtl,
    HEARTBEAT: limits.heartbeat,
    CLAIM_TTL,
    MAX_SESSIONS: limits.maxSessions,
    MAX_SESSIONS_PER_USER: limits.maxSessionsPerUser,
    MAX_SESSIONS_PER_ADDRESS: limits.maxSessionsPerAddress,
    MAX_MESSAGES: limits.maxBufferedMessages,
    MAX_BYTES: limits.maxBufferedBytes,
  }
  const lines = Object.entries(numbers).map(([name, value]) => `local ${name} = ${toLua(value)}\n`)
  return `local P = '${prefix}'\n${lines.join('')}`
}

/** Limits may be infinite. */
function toLua(value: number): string {
  return Number.isFinite(value) ? String(value) : 'math.huge'
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis gave no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
