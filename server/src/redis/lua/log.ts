/** Functions of Lua about the log down, and scripts that read it. They need those of `session.ts`. */
export const LOG: string = String.raw`
-- An entry of the list is "tag total size bytes length envelope\nbody"; total counts the sizes of all messages up to this one.
local function parseEntry(entry)
  local tag, total, size, bytes, length = string.match(entry, '^(%S+) (%d+) (%d+) (%d+) (%d+) ')
  return { tag = tag, total = tonumber(total), size = tonumber(size), bytes = tonumber(bytes), length = tonumber(length) }
end

local function entryAt(session, position)
  local entry = redis.call('LINDEX', log(session.id), position - number(session.base) - 1)
  return entry and parseEntry(entry) or nil
end

-- Whether a position is not of this log. The session has head, base, tag and baseTag.
local function isLost(session, position, tag, partial)
  local base, head = number(session.base), number(session.head)
  if position < base then return false end
  if position > head then return true end
  local expected = session.baseTag or ''
  if position == head then
    expected = session.tag or ''
  elseif position > base then
    local entry = entryAt(session, position)
    expected = entry and entry.tag
  end
  if tag ~= expected then return true end
  if (partial or 0) == 0 then return false end
  local following = entryAt(session, position + 1)
  return not following or partial > following.length
end

local function outstanding(session) return number(session.total) - number(session.baseTotal) end

-- Messages in the log, and bytes of them with 64 for each.
local function fill(session)
  local count = number(session.head) - number(session.base)
  return count, outstanding(session) + 64 * count
end

local function isCrowded(session)
  local count, cost = fill(session)
  return count > MAX_MESSAGES / 2 or cost > MAX_BYTES / 2
end

-- Drops the messages up to a position that was checked. The session has head, base, tag, total and waiting, too.
local function trim(session, position)
  local id, base = session.id, number(session.base)
  if position <= base then return end
  local last = { tag = session.tag, total = session.total }
  if position < number(session.head) then
    last = entryAt(session, position)
    redis.call('LTRIM', log(id), position - base, -1)
  else
    redis.call('DEL', log(id))
  end
  session.base, session.baseTag, session.baseTotal = position, last.tag, last.total
  redis.call('HSET', hash(id), 'base', position, 'baseTag', last.tag, 'baseTotal', last.total)
  if not isCrowded(session) then redis.call('ZREM', P .. 'crowded', id) end
  wake(id, session.waiting)
end

`

/** Messages after a number. Arguments: id, number, bytes. Answers {'', end} or the backlog. */
export const read: string = String.raw`
local id, after, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local session = load(id, 'head', 'base', 'total', 'baseTotal', 'next', 'partNumber', 'partLength')
if not session then return { '', endOf(id) or false } end
local base = number(session.base)
local start = math.max(after, base)
local total = number(session.baseTotal)
if start > base then
  local before = entryAt(session, start)
  total = before and before.total or number(session.total)
end
local entries = {}
local index, hasMore = start - base, room > 0
while hasMore do
  local chunk = redis.call('LRANGE', log(id), index, index + 31)
  hasMore = #chunk == 32
  for _, text in ipairs(chunk) do
    local entry = parseEntry(text)
    room = room - entry.bytes
    if room < 0 and #entries > 0 then hasMore = false end
    if room < 0 and #entries > 0 then break end
    entries[#entries + 1] = text
    total = entry.total
    if room <= 0 then hasMore = false end
    if room <= 0 then break end
  end
  index = index + 32
end
local volatile = {}
if tonumber(ARGV[4]) > 0 then
  for _, text in ipairs(redis.call('LRANGE', P .. 'v:' .. id, 0, -1)) do
    local time, kept = string.match(text, '^(%S+) (.*)$')
    if tonumber(time) > now then volatile[#volatile + 1] = kept end
  end
  redis.call('DEL', P .. 'v:' .. id)
end
return { id, start + 1, entries, number(session.total) - total, number(session.head), number(session.next),
  number(session.partNumber), number(session.partLength), volatile }
`

/** Acknowledges a position. Arguments: id, number, tag, how much of the next message. Answers 1 if it is lost. */
export const acknowledge: string = String.raw`
local id, position = ARGV[2], tonumber(ARGV[3])
local session = load(id, 'head', 'base', 'tag', 'baseTag', 'total', 'baseTotal', 'waiting')
if not session then return 0 end
if isLost(session, position, ARGV[4], tonumber(ARGV[5])) then return 1 end
redis.call('HSET', hash(id), 'contact', now, 'confirmed', 1)
redis.call('ZREM', P .. 'young', id)
trim(session, position)
return 0
`

/**
 * How full a log is, for whoever waits for room. Arguments: id, node that is to be told when messages were dropped. Answers
 * {messages, bytes with 64 for each, number that was acknowledged, number of the last message}, or nothing.
 */
export const awaitRoom: string = String.raw`
local id, node = ARGV[2], ARGV[3]
local session = load(id, 'head', 'base', 'total', 'baseTotal', 'over', 'waiting')
if not session or session.over then return false end
local waiting = session.waiting or ''
if not string.find(waiting, node, 1, true) then redis.call('HSET', hash(id), 'waiting', waiting .. ' ' .. node) end
local count, cost = fill(session)
return { count, cost, number(session.base), number(session.head) }
`
