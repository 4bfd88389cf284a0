import type { AttachRequest } from './attach-request.ts'
import { MemoryLogDown } from './memory-log-down.ts'
import type { End } from './records.ts'
import type { SessionIndex } from './session-index.ts'
import type { StoreLimits } from './store.ts'

export const UNKNOWN: End = { type: 'gone', reason: 'unknown' }

export const OVERFLOW: End = { type: 'gone', reason: 'overflow' }

export const FULL: End = {
  type: 'too-many-sessions',
  reason: 'the server is full; try again later',
}

const CROWDED_ADDRESS: End = {
  type: 'too-many-sessions',
  reason: 'there are too many sessions of your address; try again later',
}

/** Why a request whose session is not there cannot create it either (PROTOCOL.md 6.4, step 5); `undefined` if it can. */
export function refusalToCreate(
  { identity, epoch, position, address }: AttachRequest,
  sessions: SessionIndex,
  { maxSessions, maxSessionsPerUser, maxSessionsPerAddress }: StoreLimits,
): End | undefined {
  if (!('user' in identity) || epoch !== undefined) return UNKNOWN
  const lost = new MemoryLogDown().check(position)
  if (lost) return lost
  if (sessions.size >= maxSessions) {
    return FULL
  }
  const isHalfFull = sessions.size * 2 >= maxSessions
  if (isHalfFull && address && sessions.countFrom(address) >= maxSessionsPerAddress) {
    return CROWDED_ADDRESS
  }
  if (identity.user && sessions.countOf(identity.user) >= maxSessionsPerUser) {
    return {
      type: 'too-many-user-sessions',
      reason: `a user may have ${maxSessionsPerUser} sessions; close another one first`,
    }
  }
  return undefined
}
