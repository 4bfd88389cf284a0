/** The script that admits a request, in the order of PROTOCOL.md 6.4. It needs the functions of all other files. */

/** Functions of Lua that say why a request is refused. */
export const CHECKS: string = String.raw`
local function refuse(type, reason) return cjson.encode({ type = type, reason = reason }) end
local UNKNOWN = refuse('gone', 'unknown')
local LOST = refuse('lost', 'the position is not of this log')

local function isHeldBy(session, page)
  return tonumber(session.generation) == page.generation and session.holder == page.holder
end

local function refusalForClient(session, request)
  if request.user then
    if request.user == session.user then return nil end
    return refuse('forbidden', 'the session belongs to another user')
  end
  local isExpired = session.tokenUntil and tonumber(session.tokenUntil) <= now
  local isLate = session.tokenDeadline and tonumber(session.tokenDeadline) <= now
  if not isExpired or not (request.hasToken or isLate) then return nil end
  return refuse('unauthorized', 'the token has expired; send a new one')
end

-- Whether a new reader would be evicted at once, because three later ones have all places.
local function areTaken(readers, sequence, wanted)
  local others = 0
  for _, reader in ipairs(readers) do
    if reader.sequence >= wanted and reader.sequence ~= sequence then
      if others == 0 and reader.sequence <= sequence then return false end
      others = others + 1
    end
  end
  return others >= 3
end

local function refusalFor(session, request)
  local refusal = refusalForClient(session, request)
  if refusal then return refusal end
  local page, position = request.page, request.position
  if page.generation <= tonumber(session.generation) then
    if not isHeldBy(session, page) then return refuse('taken', 'another page holds the session') end
    if session.left then return refuse('superseded', 'the page has said goodbye') end
    if request.sequence < number(session.mark) then
      return refuse('superseded', 'the client has given this request up')
    end
    if request.transport and areTaken(parseReaders(session.readers), request.sequence, request.wanted) then
      return refuse('superseded', 'three later carriers read the session')
    end
  end
  return isLost(session, position[1], position[2], position[3]) and LOST or nil
end
`

/**
 * Admits a request. Arguments: node, request as JSON, id and epoch of a session that it may create. Answers {0, end, evicted} or
 * {1, id, record, created, next, part number, part length, head, outstanding, time of token, superseded, evicted}.
 */
export const admit: string = String.raw`
local node, request = ARGV[2], cjson.decode(ARGV[3])
local id = request.id
if request.key then id = redis.call('GET', P .. 'k:' .. request.key) end
local FIELDS = { 'key', 'user', 'address', 'created', 'confirmed', 'goodbye', 'left', 'generation', 'holder', 'mark',
  'readers', 'tokenUntil', 'tokenDeadline', 'head', 'base', 'tag', 'baseTag', 'total', 'baseTotal', 'waiting', 'next',
  'partNumber', 'partLength' }
local session = id and load(id, unpack(FIELDS))
if session and request.epoch and request.epoch ~= redis.call('HGET', hash(id), 'epoch') then return { 0, UNKNOWN, false } end
local refusal, evicted
if session then refusal = refusalFor(session, request) else refusal, evicted = refusalToCreate(request) end
if refusal then return { 0, refusal, evicted or false } end

local created = not session
if created then
  id = ARGV[4]
  local fields = { 'epoch', ARGV[5], 'key', request.key, 'user', request.user, 'created', now, 'data', '{}',
    'generation', request.page.generation, 'holder', request.page.holder }
  for _, name in ipairs({ 'address', 'origin', 'url', 'protocol', 'meta' }) do
    if request[name] then
      fields[#fields + 1] = name
      fields[#fields + 1] = request[name]
    end
  end
  redis.call('HSET', hash(id), unpack(fields))
  redis.call('SET', P .. 'k:' .. request.key, id)
  if request.user ~= '' then redis.call('SADD', P .. 'u:' .. request.user, id) end
  if request.address then redis.call('SADD', P .. 'a:' .. request.address, id) end
  redis.call('ZADD', P .. 'young', now, id)
  keep(P .. 'young')
  session = load(id, unpack(FIELDS))
else
  redis.call('HSET', hash(id), 'confirmed', 1, 'returned', 1)
  session.confirmed = '1'
  redis.call('ZREM', P .. 'young', id)
end
redis.call('HSET', hash(id), 'contact', now)

if request.user then
  renewToken(session, request.tokenTtl)
elseif session.tokenUntil and tonumber(session.tokenUntil) <= now and not session.tokenDeadline then
  redis.call('HSET', hash(id), 'tokenDeadline', now + 10000)
end

local superseded, remaining = {}, {}
local isResumed = request.page.generation > tonumber(session.generation)
if isResumed then
  redis.call('HSET', hash(id), 'generation', request.page.generation, 'holder', request.page.holder)
  redis.call('HDEL', hash(id), 'goodbye', 'left')
  session.goodbye, session.mark = nil, 0
end
trim(session, request.position[1])
local mark = math.max(number(session.mark), request.wanted)
redis.call('HSET', hash(id), 'mark', mark)
for _, reader in ipairs(parseReaders(session.readers)) do
  local isGone = isResumed or reader.sequence < mark or reader.sequence == request.sequence
  local list = isGone and superseded or remaining
  list[#list + 1] = reader
end
if request.transport then
  remaining[#remaining + 1] = { sequence = request.sequence, node = node, transport = request.transport }
  table.sort(remaining, function(a, b) return a.sequence < b.sequence end)
  if #remaining > 3 then superseded[#superseded + 1] = table.remove(remaining, 1) end
end
-- The node of the request is told by the answer, before the request is admitted.
local own = {}
for _, reader in ipairs(superseded) do
  if reader.node == node then own[#own + 1] = reader.sequence else tell(reader.node, 'superseded', id, reader.sequence) end
end
if #superseded > 0 or request.transport then saveReaders(id, remaining) end
renewLifetime(session)
local tokenTtl = session.tokenUntil and tostring(tonumber(session.tokenUntil) - now) or false
return { 1, id, record(id), created and 1 or 0, number(session.next), number(session.partNumber), number(session.partLength),
  number(session.head), outstanding(session), tokenTtl, own, evicted or false }
`

/** Functions of Lua about the client's token. */
export const TOKEN: string = String.raw`
-- The client was authenticated again. ms is nil for ever.
local function renewToken(session, ms)
  local time = ms and string.format('%.17g', now + ms) or nil
  if time == session.tokenUntil then return end
  if time then
    redis.call('HSET', hash(session.id), 'tokenUntil', time)
    redis.call('HDEL', hash(session.id), 'tokenDeadline')
  else
    redis.call('HDEL', hash(session.id), 'tokenUntil', 'tokenDeadline')
  end
  session.tokenUntil = time
  tellReaders(session.readers, 'token', session.id, ms or false)
end
`

/** The client has brought a new token. Arguments: id, milliseconds, or nothing: for ever. */
export const renewTokenOf: string = String.raw`
local session = load(ARGV[2], 'tokenUntil', 'readers')
if session then renewToken(session, tonumber(ARGV[3] or '')) end
`

/** Removes a reader. Arguments: id, node, sequence. */
export const detach: string = String.raw`
local id = ARGV[2]
local session = load(id, 'readers', 'key', 'user', 'address', 'confirmed', 'goodbye')
if not session then return end
local remaining, removed = {}, false
for _, reader in ipairs(parseReaders(session.readers)) do
  if reader.node == ARGV[3] and reader.sequence == tonumber(ARGV[4]) then removed = true
  else remaining[#remaining + 1] = reader end
end
if not removed then return end
saveReaders(id, remaining)
if #remaining == 0 then renewLifetime(session) end
`

/** Tells the nodes of a session's readers that its client asks for a sign of life. Argument: id. */
export const probe: string = String.raw`
tellReaders(redis.call('HGET', hash(ARGV[2]), 'readers') or '', 'probed', ARGV[2])
`

/** The record of a session. Arguments: id, or nothing and the name of a key. Answers {id, record}, or nothing. */
export const find: string = String.raw`
local id = ARGV[2]
if id == '' then id = redis.call('GET', P .. 'k:' .. ARGV[3]) end
if not id or not load(id) then return false end
return { id, record(id) }
`

/** Milliseconds since the client's last contact, as text. Argument: id. */
export const silence: string = String.raw`
local contact = redis.call('HGET', hash(ARGV[2]), 'contact')
return contact and tostring(now - contact) or false
`

/** Keeps what a ticket stands for. Arguments: ticket, request, milliseconds. */
export const saveTicket: string = String.raw`
redis.call('SET', P .. 't:' .. ARGV[2], string.format('%.0f ', now + ARGV[4]) .. ARGV[3], 'PX', math.ceil(ARGV[4]))
`

/** The request that a ticket stands for. Argument: ticket. */
export const redeemTicket: string = String.raw`
local untilAndRequest = redis.call('GETDEL', P .. 't:' .. ARGV[2])
if not untilAndRequest then return false end
local time, request = string.match(untilAndRequest, '^(%S+) (.*)$')
return tonumber(time) > now and request or false
`

/** The news that a node may have missed of a session. Arguments: id, node. Answers {end} or {'', accepted, readers, head, last entry}. */
export const status: string = String.raw`
local session = load(ARGV[2], 'next', 'head', 'base', 'readers')
if not session then return { endOf(ARGV[2]) or '{"type":"gone","reason":"unknown"}' } end
local own = {}
for _, reader in ipairs(parseReaders(session.readers)) do
  if reader.node == ARGV[3] then own[#own + 1] = reader.sequence end
end
return { '', number(session.next), own, number(session.head), redis.call('LINDEX', log(ARGV[2]), -1) }
`
