/** Scripts about messages up: their claims, their parts, and the application's state. They need the functions of `session.ts`. */

/** Claims messages for one batch. Arguments: id, first, last, token. Answers what became of it, or {first, record}. */
export const claim: string = String.raw`
local id, first, last, token = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local session = load(id, 'next', 'claim', 'claimUntil')
if not session then return 'gone' end
local next = number(session.next)
if last < next then return 'completed' end
if session.claim and session.claim ~= token and tonumber(session.claimUntil) > now then return 'busy' end
-- A node that was to open the session may have died. Then the batch that begins with number 1 opens it, as number 0.
if first > math.max(next, 1) then return 'gap' end
redis.call('HSET', hash(id), 'claim', token, 'claimLast', last, 'claimUntil', now + CLAIM_TTL)
return { next, record(id) }
`

/** Keeps a claim. Arguments: id, token. */
export const renewClaim: string = String.raw`
if redis.call('HGET', hash(ARGV[2]), 'claim') == ARGV[3] then
  redis.call('HSET', hash(ARGV[2]), 'claimUntil', now + CLAIM_TTL)
end
`

/** Accepts a claimed message. Arguments: id, number, token, state of the application if it changed. Answers 1, or 0: not ours. */
export const complete: string = String.raw`
local id, at = ARGV[2], tonumber(ARGV[3])
local session = load(id, 'next', 'claim', 'claimLast', 'partNumber', 'readers')
if not session or session.claim ~= ARGV[4] or number(session.next) ~= at then return 0 end
redis.call('HSET', hash(id), 'next', at + 1)
if ARGV[5] then redis.call('HSET', hash(id), 'data', ARGV[5]) end
if at == tonumber(session.claimLast) then redis.call('HDEL', hash(id), 'claim', 'claimLast', 'claimUntil') end
if session.partNumber and number(session.partNumber) <= at then
  redis.call('HDEL', hash(id), 'partNumber', 'partLength', 'partSize', 'partKind', 'partPeer')
  redis.call('DEL', P .. 'p:' .. id)
end
tellReaders(session.readers, 'accepted', id, at)
return 1
`

/** Saves the application's state. Arguments: id, state. */
export const saveData: string = String.raw`
if load(ARGV[2]) then redis.call('HSET', hash(ARGV[2]), 'data', ARGV[3]) end
`

/**
 * Adds a part. Arguments: id, number, first, receivedUpTo, offset, length, size, kind, peer, data. Answers what became of it, or how
 * much there is of the message.
 */
export const addPart: string = String.raw`
local id, at, first = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local offset, size, kind = tonumber(ARGV[6]), ARGV[8], ARGV[9]
local session = load(id, 'next', 'partNumber', 'partLength', 'partSize', 'partKind', 'readers')
if not session then return 'gone' end
local next = number(session.next)
if at < next then return 'completed' end
if first > math.max(next - 1, 0, tonumber(ARGV[5])) + 1 then return 'gap' end
local key = P .. 'p:' .. id
if tonumber(session.partNumber) ~= at then
  if offset > 0 then return 'gap' end
  redis.call('DEL', key)
  redis.call('HSET', hash(id), 'partNumber', at, 'partSize', size, 'partKind', kind, 'partPeer', ARGV[10])
  session.partLength, session.partSize, session.partKind = 0, size, kind
end
if size ~= session.partSize or kind ~= session.partKind then return 'malformed' end
local length = number(session.partLength)
if offset > length then return 'gap' end
if offset == length then
  length = length + tonumber(ARGV[7])
  redis.call('RPUSH', key, ARGV[11])
  redis.call('HSET', hash(id), 'partLength', length)
  redis.call('PEXPIRE', key, math.ceil(2 * SESSION_TTL + 60000))
end
tellReaders(session.readers, 'part', id, at, length)
return length
`

/** The parts of a message. Arguments: id, number. Answers 'gone', 'completed', nothing, or {peer, kind, size, length, parts}. */
export const readParts: string = String.raw`
local id, at = ARGV[2], tonumber(ARGV[3])
local session = load(id, 'next', 'partNumber', 'partLength', 'partSize', 'partKind', 'partPeer')
if not session then return 'gone' end
if at < number(session.next) then return 'completed' end
if tonumber(session.partNumber) ~= at then return false end
return { session.partPeer, session.partKind, session.partSize, session.partLength, redis.call('LRANGE', P .. 'p:' .. id, 0, -1) }
`
