-- Applies one change to the state of one partition: everything, or nothing.
--
-- KEYS[1]  position (hash)   KEYS[2]  latest (hash)   KEYS[3]  days (hash)
-- then six per changed symbol, in the order of the change:
--          trades (list), bars 1Min, 5Min, 15Min, 1Hour, 1Day (sorted sets by open time)
-- ARGV[1]  channel   ARGV[2]  trades retained   ARGV[3]  change, MessagePack; ChangeWriter draws it
--
-- Returns  {1, position}                          applied and published
--          {0, stored position, stored identity}  fenced off: nothing is written
--
-- A script does not roll back, so everything that can fail is checked before the first write. Out of memory (noeviction) fails the
-- first write, or none: it depends on the memory at the script's start.
local change = cmsgpack.unpack(ARGV[3])
local expected, position, fields, symbols = change[2], change[3], change[4], change[5]
local identity = fields[2]

if change[1] ~= 4 then return redis.error_reply('RADAR unknown version of a change') end
if #KEYS ~= 3 + 6 * #symbols then return redis.error_reply('RADAR keys do not fit the change') end

local function type_of(key)
  local answer = redis.call('TYPE', key)
  return type(answer) == 'table' and answer['ok'] or answer
end
local function check(key, wanted)
  local found = type_of(key)
  return found == 'none' or found == wanted
end

for i = 1, 3 do
  if not check(KEYS[i], 'hash') then return redis.error_reply('RADAR wrong type of ' .. KEYS[i]) end
end

local stored = redis.call('HMGET', KEYS[1], 'offset', 'identity')
local stored_position, stored_identity = stored[1] or 'none', stored[2] or identity
if stored_position ~= expected or stored_identity ~= identity then
  return {0, stored_position, stored_identity}
end
if expected == 'none' and redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then
  return redis.error_reply('RADAR ' .. KEYS[1] .. ' is missing, but other keys of this state are there: '
    .. 'stop the consumers, then delete the keys radar:* to build the state anew')
end
if expected ~= 'none' and tonumber(position) < tonumber(expected) then
  return redis.error_reply('RADAR a change cannot go back from ' .. expected .. ' to ' .. position)
end

for i = 1, #symbols do
  local at = 3 + 6 * (i - 1)
  if not check(KEYS[at + 1], 'list') then return redis.error_reply('RADAR wrong type of ' .. KEYS[at + 1]) end
  for frame = 1, 5 do
    if not check(KEYS[at + 1 + frame], 'zset') then
      return redis.error_reply('RADAR wrong type of ' .. KEYS[at + 1 + frame])
    end
  end
end

redis.call('HSET', KEYS[1], 'offset', position, unpack(fields))

for i = 1, #symbols do
  local at, item = 3 + 6 * (i - 1), symbols[i]
  local name, latest, day, trades, frames = item[1], item[2], item[3], item[5], item[6]
  if latest ~= '' then redis.call('HSET', KEYS[2], name, latest) end
  if day ~= '' then redis.call('HSET', KEYS[3], name, day) end

  -- A Lua stack holds some 8000 values.
  for first = 1, #trades, 4000 do
    redis.call('RPUSH', KEYS[at + 1], unpack(trades, first, math.min(first + 3999, #trades)))
  end
  if #trades > 0 then redis.call('LTRIM', KEYS[at + 1], '-' .. ARGV[2], '-1') end

  for frame = 1, 5 do
    local key, bars, horizon = KEYS[at + 1 + frame], frames[frame][2], frames[frame][1]
    for b = 1, #bars, 2 do
      redis.call('ZREMRANGEBYSCORE', key, bars[b], bars[b])
      redis.call('ZADD', key, bars[b], bars[b + 1])
    end
    if horizon ~= '' then redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. horizon) end
  end
end

redis.call('PUBLISH', ARGV[1], ARGV[3])
return {1, position}
