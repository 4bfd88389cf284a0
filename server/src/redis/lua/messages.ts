/** Scripts that send messages down. They need the functions of `session.ts`, `lifetime.ts` and `log.ts`. */

/** Functions of Lua about the sessions that targets name. */
export const TARGETS: string = String.raw`
local OVERFLOW = '{"type":"gone","reason":"overflow"}'

-- Ids of the sessions that targets name, each once. Targets are JSON text: "all", or a list.
local function resolve(text)
  local targets = cjson.decode(text)
  if targets == 'all' then return redis.call('ZRANGE', P .. 'all', 0, -1) end
  local ids, seen = {}, {}
  local function add(id)
    if not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  local function addAll(key)
    for _, id in ipairs(redis.call('SMEMBERS', key)) do add(id) end
  end
  for _, target in ipairs(targets) do
    if target.session then add(target.session) end
    if target.user and target.user ~= '' then addAll(P .. 'u:' .. target.user) end
    if target.room then addAll(P .. 'r:' .. target.room) end
  end
  return ids
end
`

/**
 * Numbers a message and keeps it. Arguments: targets, entry without tag and total, its size, a name of this message for the tags,
 * the id that the application gave it, or '', and session id, number and counter of its cause, or nothing. Answers whether sessions are crowded, how full the log is if it was
 * one, and sessions that have ended.
 */
export const append: string = String.raw`
local entry, size, name = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local NOTHING = { 0, -1, 0, {} }
if ARGV[7] then
  local cause = load(ARGV[7], 'causeNumber', 'causeCounter')
  local at, counter = tonumber(ARGV[8]), tonumber(ARGV[9])
  if cause then
    local last = number(cause.causeNumber)
    local sent = at == last and number(cause.causeCounter) or 0
    if at < last or counter <= sent then return NOTHING end
    -- A handler that runs again would not send that one again, because its counter is below.
    if counter > sent + 1 then
      return redis.error_reply('ERR a message before this one, of the same handler, has failed')
    end
    redis.call('HSET', hash(ARGV[7]), 'causeNumber', at, 'causeCounter', counter)
  end
end
if ARGV[6] ~= '' then
  local key = P .. 'i:' .. ARGV[6]
  if number(redis.call('GET', key) or nil) > now then return NOTHING end
  redis.call('SET', key, string.format('%.0f', now + SESSION_TTL), 'PX', math.ceil(SESSION_TTL))
end

local ids = resolve(ARGV[2])
local appended, full = {}, {}
local count, cost
for _, id in ipairs(ids) do
  local session = load(id, 'head', 'base', 'total', 'baseTotal', 'tag', 'readers')
  if session then
    local head = number(session.head)
    count, cost = fill(session)
    if count > 0 and (count >= MAX_MESSAGES or cost + size > MAX_BYTES) then
      full[#full + 1] = id
    else
      local tag = string.sub(redis.sha1hex((session.tag or '') .. name), 1, 6)
      local total = number(session.total) + size
      redis.call('RPUSH', log(id), tag .. string.format(' %.0f ', total) .. entry)
      redis.call('HSET', hash(id), 'head', head + 1, 'total', total, 'tag', tag)
      session.head, session.total = head + 1, total
      count, cost = fill(session)
      if count == 1 then keep(log(id)) end
      if isCrowded(session) then
        redis.call('ZADD', P .. 'crowded', 'NX', now, id)
        keep(P .. 'crowded')
      end
      eachNode(session.readers, function(node)
        local list = appended[node] or {}
        list[#list + 1] = { id, head + 1, tag }
        appended[node] = list
      end)
    end
  end
end
for node, list in pairs(appended) do
  redis.call('PUBLISH', P .. 'n:' .. node, cjson.encode({ 'appended', list }) .. '\n' .. entry)
end
local ended = {}
for _, id in ipairs(full) do ended[#ended + 1] = endSession(id, OVERFLOW) end
return { redis.call('EXISTS', P .. 'crowded'), #ids == 1 and count or -1, cost or 0, ended }
`

/** Tells the newest readers of a volatile message. Arguments: targets, entry. Sessions without a reader keep it. */
export const publish: string = String.raw`
local entry = ARGV[3]
local byNode, kept = {}, {}
for _, id in ipairs(resolve(ARGV[2])) do
  local session = load(id, 'readers')
  if session then
    local readers = parseReaders(session.readers)
    local newest = readers[#readers]
    local list = newest and byNode[newest.node] or kept
    if newest and list == kept then
      list = {}
      byNode[newest.node] = list
    end
    list[#list + 1] = id
  end
end
for node, list in pairs(byNode) do
  local heard = redis.call('PUBLISH', P .. 'n:' .. node, cjson.encode({ 'published', list }) .. '\n' .. entry)
  -- The node has died: its clients come back to another one.
  if heard == 0 then
    for _, id in ipairs(list) do kept[#kept + 1] = id end
  end
end
for _, id in ipairs(kept) do
  local key = P .. 'v:' .. id
  redis.call('RPUSH', key, string.format('%.0f ', now + HEARTBEAT) .. entry)
  redis.call('LTRIM', key, -8, -1)
  redis.call('PEXPIRE', key, math.ceil(HEARTBEAT))
end
`

/** Whether a log of targets is more than half full, and has been so for less than 5 s. Argument: targets. */
export const areCrowded: string = String.raw`
if redis.call('EXISTS', P .. 'crowded') == 0 then return 0 end
local crowded = 0
for _, id in ipairs(resolve(ARGV[2])) do
  local since = redis.call('ZSCORE', P .. 'crowded', id)
  if since then
    local session = load(id, 'head', 'base', 'total', 'baseTotal')
    if not session or not isCrowded(session) then
      redis.call('ZREM', P .. 'crowded', id)
    elseif now - since < 5000 then
      crowded = 1
    end
  end
end
return crowded
`

/** The sessions that targets name: id and record of each. Argument: targets. */
export const list: string = String.raw`
local found = {}
for _, id in ipairs(resolve(ARGV[2])) do found[#found + 1] = load(id) and { id, record(id) } or nil end
return found
`

/** Ends all sessions that targets name. Arguments: targets, end. */
export const endTargets: string = String.raw`
local ended = {}
for _, id in ipairs(resolve(ARGV[2])) do ended[#ended + 1] = load(id) and endSession(id, ARGV[3]) or nil end
return ended
`

/** Adds a session to a room. Arguments: id, room. */
export const join: string = String.raw`
if not load(ARGV[2]) then return end
for key, member in pairs({ [P .. 'm:' .. ARGV[2]] = ARGV[3], [P .. 'r:' .. ARGV[3]] = ARGV[2] }) do
  redis.call('SADD', key, member)
  keep(key)
end
`

/** Takes a session out of a room. Arguments: id, room. */
export const leave: string = String.raw`
redis.call('SREM', P .. 'm:' .. ARGV[2], ARGV[3])
redis.call('SREM', P .. 'r:' .. ARGV[3], ARGV[2])
`
