/**
 * Slots for all tabs where the browser has no Web Locks, as on plain http: leases in `localStorage`. They are no locks, so a tab
 * looks again whether a lease is still its own before it counts.
 */
import { randomKey } from '../platform/random-key.ts'
import type { SlotEvents } from './connection-slot.ts'
import type { Link } from './transport.ts'

/** Milliseconds for which a lease counts. Timers of hidden tabs ring once a minute, so a renewal may be late by that. */
const LEASE = 90_000
const RENEWAL = 20_000
/** Milliseconds after which another tab that took the same lease in the same moment has been seen. */
const SETTLING = 50

interface Lease {
  readonly holder: string
  /** Wall time, which all tabs share. */
  readonly until: number
}

/** Whether this page may use `localStorage`. */
export function hasStorage(): boolean {
  try {
    return typeof localStorage !== 'undefined' && !!localStorage
  } catch {
    // SecurityError: storage is forbidden here.
    return false
  }
}

/** Asks for one of so many leases with these names. Returns the function that gives it back. */
export function takeLease(
  names: readonly string[],
  { clock }: Pick<Link, 'clock'>,
  on: SlotEvents,
): () => void {
  const holder = randomKey()
  let cancel = (): void => {}
  let held: string | undefined

  const read = (name: string): Partial<Lease> => {
    try {
      return (JSON.parse(localStorage.getItem(name)!) || {}) as Partial<Lease>
    } catch {
      // A SyntaxError: another program wrote it.
      return {}
    }
  }
  const isTaken = ({ holder: other, until = 0 }: Partial<Lease>): boolean => {
    const left = until - clock.wallTime()
    return other !== holder && left > 0 && left <= LEASE
  }
  /** Answers false if the storage is full. */
  const write = (name: string): boolean => {
    try {
      localStorage.setItem(name, JSON.stringify({ holder, until: clock.wallTime() + LEASE }))
      held = name
      return true
    } catch {
      // QuotaExceededError: without a lease, the tab behaves as if all were taken.
      return false
    }
  }
  const renew = (name: string): void => {
    // A tab that was frozen for longer than its lease may have lost it.
    if (isTaken(read(name)) || !write(name)) return refuse()
    cancel = clock.after(RENEWAL, () => renew(name))
  }
  const refuse = (): void => {
    held = undefined
    on.refused()
  }
  const tryLease = ([name, ...others]: readonly string[]): void => {
    if (name === undefined) {
      // The answer comes after this call, as that of a lock does.
      cancel = clock.after(0, refuse)
      return
    }
    if (isTaken(read(name)) || !write(name)) return tryLease(others)
    cancel = clock.after(SETTLING, () => {
      if (read(name).holder !== holder) return tryLease(others)
      renew(name)
      on.granted()
    })
  }
  tryLease(names)
  return () => {
    cancel()
    if (held && read(held).holder === holder) localStorage.removeItem(held)
  }
}
