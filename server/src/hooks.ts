/** Functions of the application that the options hold: one that fails, or answers nonsense, ends neither sessions nor the process. */
import { inspect } from 'node:util'
import type { Options } from './options.ts'

type Log = NonNullable<Options['log']>
type Origins = NonNullable<Options['origins']>
type Relay = NonNullable<Options['relay']>

/** Control characters, line separators and marks of direction: a client could forge lines of a log with them. */
const UNSAFE_IN_LOGS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** A logger that never throws and whose promises never reject. Reasons, which clients have a say in, are escaped. */
export function safeLog(log: Log): Log {
  return (event) => {
    try {
      const { reason } = event
      const answer: unknown = log(
        reason === undefined ? event : { ...event, reason: escape(reason) },
      )
      catchLater(answer, warn)
    } catch (error) {
      warn(error)
    }
  }
}

/** The option `origins`, where a function that answers a promise allows nothing: an async function would let every page in. */
export function safeOrigins(origins: Origins, log: Log): Origins {
  if (typeof origins !== 'function') return origins
  return (origin, request) => {
    const answer: unknown = origins(origin, request)
    if (typeof answer === 'boolean') return answer
    const fail = (error: unknown): void => log({ level: 'error', event: 'hook-failed', error })
    catchLater(answer, fail)
    fail(wrongAnswer('origins', answer, 'true or false, and no promise'))
    return false
  }
}

/** The option `relay`. A message passes only if it answers exactly `true`; an answer that is no boolean is logged. */
export function safeRelay(relay: Relay, log: Log): Relay {
  return async (...args) => {
    const answer: unknown = await relay(...args)
    if (typeof answer === 'boolean') return answer
    const error = wrongAnswer('relay', answer, 'true or false')
    log({ level: 'error', event: 'hook-failed', session: args[0].id, error })
    return false
  }
}

function wrongAnswer(name: string, answer: unknown, allowed: string): TypeError {
  return new TypeError(`${name} answered ${inspect(answer)}; use ${allowed}`)
}

/** Calls back if a value is a promise that rejects. */
function catchLater(value: unknown, onRejected: (error: unknown) => void): void {
  if (typeof value === 'object' && value !== null && 'then' in value) {
    Promise.resolve(value).catch(onRejected)
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : inspect(error))
}

function escape(text: string): string {
  return text.replace(
    UNSAFE_IN_LOGS,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
