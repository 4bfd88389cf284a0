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

/**
 * An address with as many sessions as there are places left gets none of those: they are for others with fewer. So attackers who keep
 * sessions from so many addresses leave a place for every newcomer, and an office alone may have half of the server.
 */
export const SCARCE: End = {
  type: 'too-many-sessions',
  reason: 'the last places are for addresses with fewer sessions than yours; try again later',
}

/**
 * Why a request whose session is not there cannot create it either (PROTOCOL.md 6.4, step 5); `undefined` if it can.
 *
 * @param hasMadeRoom Whether another session has ended to make room, so that no place is taken that was free.
 */
export function refusalToCreate(
  { identity, epoch, position, address }: AttachRequest,
  sessions: SessionIndex,
  { maxSessions, maxSessionsPerUser, maxSessionsPerAddress }: StoreLimits,
  hasMadeRoom = false,
): End | undefined {
  if (!('user' in identity) || epoch !== undefined) return UNKNOWN
  const lost = new MemoryLogDown().check(position)
  if (lost) return lost
  if (sessions.size >= maxSessions) {
    return FULL
  }
  const isHalfFull = sessions.size * 2 >= maxSessions
  if (isHalfFull && address && maxSessionsPerAddress < maxSessions) {
    const count = sessions.countFrom(address)
    if (count >= maxSessionsPerAddress) return CROWDED_ADDRESS
    if (!hasMadeRoom && count >= maxSessions - sessions.size) return SCARCE
  }
  if (identity.user && sessions.countOf(identity.user) >= maxSessionsPerUser) {
    return {
      type: 'too-many-user-sessions',
      reason: `a user may have ${maxSessionsPerUser} sessions; close another one first`,
    }
  }
  return undefined
}
