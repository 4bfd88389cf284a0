/** One transport and no ladder: an attempt that has ended or is suspect is replaced, after a delay that grows. */
import type { Transport } from '../transports/transport.ts'
import { CLOCK_CHECK, SHORT_UPTIME, createAttempts, type Attempt } from './attempt.ts'
import { createBackoff, type Backoff } from './backoff.ts'
import type { CreateStrategy } from './strategy.ts'
import { createTimer } from './timer.ts'
import { createBodyLimit } from '../session/body-limit.ts'

export const reconnect: CreateStrategy = (clock, on) => {
  const backoff = createBackoff(clock, on.isVisible)
  /** Delays of restarts that follow each other: a server that has answered is not waited for, at first. */
  const restartBackoff = createBackoff(clock, on.isVisible, true)
  const timer = createTimer(clock, (isLate) => {
    if (isLate) current?.ping()
    openOrJudge()
  })
  const bodyLimit = createBodyLimit()
  let isRunning = false
  let transport: Transport | undefined
  /** The attempt that carries or may come to; `undefined` while the delay runs. */
  let current: Attempt | undefined

  const stop = (bye?: string, reason = 'stopped'): boolean => {
    isRunning = false
    timer.clear()
    if (current && current.uptime() > SHORT_UPTIME) {
      backoff.reset()
      restartBackoff.reset()
    }
    const isProven = !!current && current.uptime() > 0
    const saidGoodbye = current?.close(reason, bye)
    current = undefined
    return isProven && saidGoodbye === true
  }
  const openAfter = (delays: Backoff, reason: string): void => {
    stop('', reason)
    isRunning = true
    timer.ringBy(clock.now() + delays.next(on.session().retryBounds))
    on.onTransportChange(null, reason)
  }

  const { records, create } = createAttempts(
    clock,
    on,
    {
      isBeside: () => false,
      onProven: (attempt) => on.onTransportChange(attempt.transport.name, 'opened'),
      onFailed: (_, reason) => openAfter(backoff, reason),
      onActivity: () => current && openOrJudge(),
    },
    0,
    () => ({ bodyLimit }),
  )

  /** Opens an attempt if there is none; else replaces a suspect one, or sets the timer for when it may be. */
  const openOrJudge = (): void => {
    if (!current) {
      current = create(transport!, backoff.lastDelay)
      current.open()
      return
    }
    const { due, reason } = current.deadline()
    if (due <= clock.now()) openAfter(backoff, reason)
    else timer.ringBy(Math.min(due, clock.now() + CLOCK_CHECK))
  }
  const wake = (): void => {
    if (!isRunning) return
    current?.ping()
    openOrJudge()
  }

  return {
    attempts: records,
    flush() {
      current?.flush()
      if (current) openOrJudge()
    },
    setTransports([wanted]) {
      const isChanged = wanted !== transport
      transport = wanted
      if (isRunning && isChanged && current) openAfter(restartBackoff, 'unused')
      isRunning = true
      openOrJudge()
    },
    wake,
    onNetworkChange() {
      bodyLimit.forget()
      wake()
    },
    restart: (reason) => openAfter(restartBackoff, reason),
    stop,
  }
}
