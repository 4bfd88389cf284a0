/** Functions of Lua that say who may create a session. They need those that say why a request is refused. */
export const CREATION: string = String.raw`
local FULL = refuse('too-many-sessions', 'the server is full; try again later')
local CROWDED = refuse('too-many-sessions', 'there are too many sessions of your address; try again later')
local SCARCE = refuse('too-many-sessions',
  'the last places are for addresses with fewer sessions than yours; try again later')

-- Ends the oldest session that nobody has come back to. Answers whether there was one, and what endSession answers.
local function evictOldest()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'young', '-inf', now - 2000, 'LIMIT', 0, 100)) do
    local readers = redis.call('HGET', hash(id), 'readers')
    if not readers or readers == '' then return true, endSession(id, EXPIRED) end
    redis.call('ZADD', P .. 'young', now, id)
  end
  return false, nil
end

-- How many sessions the address of a request has, if that counts: while more than half of all places are taken. Otherwise -1.
local function countOfAddress(request, count)
  if not request.address or count * 2 < MAX_SESSIONS or MAX_SESSIONS_PER_ADDRESS >= MAX_SESSIONS then return -1 end
  return redis.call('SCARD', P .. 'a:' .. request.address)
end

-- Takes a free place, or makes one. Answers why there is none, and what endSession answers.
local function takePlace(request)
  local count = redis.call('ZCARD', P .. 'all')
  local ofAddress = countOfAddress(request, count)
  if count < MAX_SESSIONS then
    if ofAddress >= MAX_SESSIONS_PER_ADDRESS then return CROWDED end
    -- Who has as many sessions as there are places left gets none of those.
    if ofAddress < MAX_SESSIONS - count then return nil end
  end
  local hasRoom, evicted = evictOldest()
  if not hasRoom then return count < MAX_SESSIONS and SCARCE or FULL end
  if countOfAddress(request, count - 1) >= MAX_SESSIONS_PER_ADDRESS then return CROWDED, evicted end
  return nil, evicted
end

local function refusalToCreate(request)
  local ended = endOf(request.key or request.id)
  if ended then return ended end
  if not request.user or request.epoch then return UNKNOWN end
  local position = request.position
  if position[1] > 0 or position[2] ~= '' or (position[3] or 0) > 0 then return LOST end
  local refusal, evicted = takePlace(request)
  if refusal then return refusal, evicted end
  if request.user ~= '' and redis.call('SCARD', P .. 'u:' .. request.user) >= MAX_SESSIONS_PER_USER then
    return refuse('too-many-user-sessions',
      string.format('a user may have %d sessions; close another one first', MAX_SESSIONS_PER_USER)), evicted
  end
  return nil, evicted
end
`
