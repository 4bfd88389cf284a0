import { EXPIRED_AT_ONCE } from '../../store/store.ts'

/** Functions of Lua about the lifetimes of sessions and of their keys, and how they end. They need those of `session.ts`. */
export const LIFETIME: string = String.raw`
local UNCONFIRMED_TTL = 10000
local EXPIRED = '{"type":"gone","reason":"expired"}'

-- Every key outlives what it is for: Redis deletes it only if no node is left to do so.
local KEY_TTL = math.ceil(2 * SESSION_TTL + 60000)
local function keep(key) redis.call('PEXPIRE', key, KEY_TTL) end

local function lifetime(confirmed)
  return confirmed and SESSION_TTL or math.min(SESSION_TTL, UNCONFIRMED_TTL)
end

local function expireAt(id, time)
  redis.call('ZADD', P .. 'all', time, id)
  keep(P .. 'all')
end

-- Keys that are there with a session, for as long as it is.
local function keepAll(session)
  local id = session.id
  for _, kind in ipairs({ 's:', 'l:', 'p:', 'm:' }) do keep(P .. kind .. id) end
  keep(P .. 'k:' .. session.key)
  if session.user ~= '' then keep(P .. 'u:' .. session.user) end
  if session.address then keep(P .. 'a:' .. session.address) end
  for _, room in ipairs(redis.call('SMEMBERS', P .. 'm:' .. id)) do keep(P .. 'r:' .. room) end
end

-- Begins the lifetime anew, unless a goodbye has named the time. The session has key, user, address, confirmed and goodbye.
local function renewLifetime(session, extra)
  if not session.goodbye then
    expireAt(session.id, now + lifetime(session.confirmed) + (extra or 0))
  end
  keepAll(session)
end

-- How the session with the name of a key, or with an id, ended, as JSON text.
local function endOf(name)
  local untilAndEnd = redis.call('GET', P .. 'e:' .. name)
  if not untilAndEnd then return nil end
  local time, ending = string.match(untilAndEnd, '^(%S+) (.*)$')
  return tonumber(time) > now and ending or nil
end

local function bury(name, ending)
  local ttl = math.ceil(SESSION_TTL)
  redis.call('SET', P .. 'e:' .. name, string.format('%.0f ', now + ttl) .. ending, 'PX', ttl)
end

-- Ends a session. Answers {id, end, record}, or nil if the application need not be told.
local function endSession(id, ending)
  local session = load(id, 'key', 'user', 'address', 'readers', 'next', 'claim', 'waiting')
  if not session then
    redis.call('ZREM', P .. 'all', id)
    redis.call('ZREM', P .. 'young', id)
    return nil
  end
  local wasOpened = number(session.next) > 0 or session.claim
  local ended = wasOpened and { id, ending, record(id) } or nil
  tellReaders(session.readers, 'ended', id, ending)
  wake(id, session.waiting)
  for _, room in ipairs(redis.call('SMEMBERS', P .. 'm:' .. id)) do
    redis.call('SREM', P .. 'r:' .. room, id)
  end
  redis.call('DEL', hash(id), log(id), P .. 'v:' .. id, P .. 'p:' .. id, P .. 'm:' .. id, P .. 'k:' .. session.key)
  if session.user ~= '' then redis.call('SREM', P .. 'u:' .. session.user, id) end
  if session.address then redis.call('SREM', P .. 'a:' .. session.address, id) end
  for _, set in ipairs({ 'all', 'young', 'crowded' }) do redis.call('ZREM', P .. set, id) end
  bury(session.key, ending)
  bury(id, ending)
  return ended
end
`

/** Begins the lifetimes of sessions anew. Arguments: milliseconds until the node comes again, ids. Answers those that came once. */
export const touch: string = String.raw`
local young = {}
for i = 3, #ARGV do
  local session = load(ARGV[i], 'key', 'user', 'address', 'confirmed', 'goodbye')
  if session then
    -- The node comes again so late that this has to be added, or a session would live shorter than its lifetime.
    renewLifetime(session, session.confirmed and tonumber(ARGV[2]) or 0)
    if not session.confirmed then
      redis.call('ZADD', P .. 'young', 'XX', now, ARGV[i])
      young[#young + 1] = ARGV[i]
    end
  end
end
return young
`

/** Ends a session. Arguments: id, end. */
export const endOne: string = String.raw`
if not load(ARGV[2]) then return false end
return endSession(ARGV[2], ARGV[3]) or false
`

/** Ends sessions whose lifetime is over, 100 at a time. */
export const expire: string = String.raw`
local ended = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'all', '-inf', now, 'LIMIT', 0, ${EXPIRED_AT_ONCE})) do
  local goodbye = redis.call('HGET', hash(id), 'goodbye')
  ended[#ended + 1] = endSession(id, goodbye or EXPIRED)
end
return ended
`

/** The page said goodbye. Arguments: id, generation, holder, whether it left for good. */
export const markLeft: string = String.raw`
local session = load(ARGV[2], 'generation', 'holder', 'waiting')
if not session or session.generation ~= ARGV[3] or session.holder ~= ARGV[4] then return end
redis.call('HSET', hash(ARGV[2]), 'left', 1)
if ARGV[5] == '1' then
  redis.call('HSET', hash(ARGV[2]), 'over', 1)
  wake(ARGV[2], session.waiting)
end
`

/** A goodbye takes effect. Arguments: id, generation, holder, milliseconds, end. */
export const endAfter: string = String.raw`
local id = ARGV[2]
local session = load(id, 'generation', 'holder', 'confirmed', 'returned', 'created', 'readers')
if not session or session.generation ~= ARGV[3] or session.holder ~= ARGV[4] then return end
local readers = parseReaders(session.readers)
-- A client that made one exchange, and said goodbye in it, never learned the epoch: it cannot come back.
local mayReturn = session.confirmed or #readers > 0
redis.call('HSET', hash(id), 'left', 1, 'goodbye', ARGV[6])
for _, reader in ipairs(readers) do tell(reader.node, 'superseded', id, reader.sequence) end
saveReaders(id, {})
-- A client that never came back has earned no more than the session has lived, and 10 s.
local earned = session.returned and math.huge or math.max(UNCONFIRMED_TTL, now - session.created)
local ms = mayReturn and tonumber(ARGV[5]) or 0
expireAt(id, now + math.min(ms, earned, lifetime(session.confirmed)))
redis.call('ZADD', P .. 'young', now, id)
keep(P .. 'young')
`
