/**
 * Functions of Lua about one session: its hash, its readers, and the nodes that are told of it. docs/redis.md names the keys.
 *
 * Constants above them, made for each store: `P` the prefix of all keys, and the limits of the hub.
 */
export const SESSION: string = String.raw`
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function hash(id) return P .. 's:' .. id end
local function log(id) return P .. 'l:' .. id end

-- Fields of a session in a table. nil: there is no such session.
local function load(id, ...)
  local values = redis.call('HMGET', hash(id), 'epoch', ...)
  if not values[1] then return nil end
  local session = { id = id }
  for i, name in ipairs({...}) do session[name] = values[i + 1] or nil end
  return session
end

local function number(text) return tonumber(text or 0) end

-- Notifies a node. Answers how many are there to hear it: 0 if it has died.
local function tell(node, ...)
  return redis.call('PUBLISH', P .. 'n:' .. node, cjson.encode({...}))
end

-- Readers in the order of their sequences, from and to the text "sequence node transport;...".
local function parseReaders(text)
  local readers = {}
  for sequence, node, transport in string.gmatch(text or '', '(%d+) (%S+) (%S+);') do
    readers[#readers + 1] = { sequence = tonumber(sequence), node = node, transport = transport }
  end
  return readers
end

local function saveReaders(id, readers)
  local texts = {}
  for i, reader in ipairs(readers) do
    texts[i] = string.format('%.0f %s %s;', reader.sequence, reader.node, reader.transport)
  end
  redis.call('HSET', hash(id), 'readers', table.concat(texts))
end

-- Calls a function with each node that has readers, once.
local function eachNode(readersText, visit)
  local seen = {}
  for node in string.gmatch(readersText or '', '%d+ (%S+) %S+;') do
    if not seen[node] then
      seen[node] = true
      visit(node)
    end
  end
end

local function tellReaders(readersText, ...)
  local notification = {...}
  eachNode(readersText, function(node) tell(node, unpack(notification)) end)
end

-- Fields that a store answers as the record of a session.
local function record(id)
  return redis.call('HMGET', hash(id), 'epoch', 'user', 'origin', 'url', 'protocol', 'meta', 'data',
    'readers', 'head', 'base', 'total', 'baseTotal')
end

-- Whoever waits for room in the log down looks again.
local function wake(id, waiting)
  if not waiting or waiting == '' then return end
  redis.call('HDEL', hash(id), 'waiting')
  for node in string.gmatch(waiting, '%S+') do tell(node, 'room', id) end
end
`
