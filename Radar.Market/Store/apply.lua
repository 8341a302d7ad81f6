-- Applies one change to the state of one partition: everything, or nothing.
--
-- KEYS[1]  position (hash)   KEYS[2]  latest (hash)   KEYS[3]  days (hash)
-- then six per changed symbol, in the order of the change:
--          trades (list), bars 1Min, 5Min, 15Min, 1Hour, 1Day (sorted sets by open time)
-- ARGV[1]  channel   ARGV[2]  trades retained   ARGV[3]  change, MessagePack; ChangeWriter draws it
--
-- Returns  {1, position}                          applied and published
--          {0, stored position, stored identity}  fenced off: nothing is written
-- Error    RADAR damaged <key> <what>             the stored parts do not agree: nothing is written
--
-- Beside the position are the lengths of the parts that it covers, as PartitionHead draws them: keys may be evicted or deleted by
-- hand, and what is left would look like a smaller state. They count while their offset is that of the position: an older Radar moves it
-- without them, and then they are restarted.
--
-- A script does not roll back, so everything that can fail is checked before the first write. Out of memory (noeviction) fails the
-- first write, or none: it depends on the memory at the script's start.
local change = cmsgpack.unpack(ARGV[3])
local expected, position, fields, symbols = change[2], change[3], change[4], change[5]
local identity = fields[2]

if change[1] ~= 4 then return redis.error_reply('RADAR unknown version of a change') end
if #KEYS ~= 3 + 6 * #symbols then return redis.error_reply('RADAR keys do not fit the change') end

local function damaged(key, what)
  return redis.error_reply('RADAR damaged ' .. key .. ' ' .. what)
end
local function unreadable(key, answer)
  local text = type(answer['err']) == 'string' and answer['err'] or ''
  if string.find(text, 'WRONGTYPE', 1, true) then return damaged(key, 'is of another type') end
  return redis.error_reply('RADAR cannot read ' .. key .. ': ' .. text)
end
local function missing(key, stored, expected)
  if stored == 0 then return damaged(key, string.format('is missing, where %d values belong', expected)) end
  return damaged(key, string.format('has %d values where %d belong', stored, expected))
end
local function counts_of(lengths)
  return string.format('%d %d %d %d %d %d', unpack(lengths))
end

local stored = redis.pcall('HMGET', KEYS[1], 'offset', 'identity', 'counted')
if stored['err'] then return unreadable(KEYS[1], stored) end
local stored_position, stored_identity = stored[1] or 'none', stored[2] or identity
if stored_position ~= expected or stored_identity ~= identity then
  return {0, stored_position, stored_identity}
end

local hashes = {}
for i = 2, 3 do
  hashes[i] = redis.pcall('HLEN', KEYS[i])
  if type(hashes[i]) == 'table' then return unreadable(KEYS[i], hashes[i]) end
end
if expected == 'none' and hashes[2] + hashes[3] > 0 then
  return damaged(KEYS[1], 'is missing, but other keys of this state are there')
end
if expected ~= 'none' and tonumber(position) < tonumber(expected) then
  return redis.error_reply('RADAR a change cannot go back from ' .. expected .. ' to ' .. position)
end

local counted_at, counted_symbols = string.match(stored[3] or '', '^(%d+) (%d+)$')
local is_counted = counted_at == stored_position
if stored[3] and not counted_at then return damaged(KEYS[1], 'has a field counted that cannot be read') end
local symbols_stored = is_counted and tonumber(counted_symbols) or math.max(hashes[2], hashes[3])
for i = 2, 3 do
  if hashes[i] ~= symbols_stored then return missing(KEYS[i], hashes[i], symbols_stored) end
end

-- A Lua stack holds some 8000 values.
local counted = {}
for first = 1, is_counted and #symbols or 0, 4000 do
  local fields_of = {}
  for i = first, math.min(first + 3999, #symbols) do fields_of[#fields_of + 1] = 'n:' .. symbols[i][1] end
  for i, counts in ipairs(redis.call('HMGET', KEYS[1], unpack(fields_of))) do counted[first + i - 1] = counts end
end

local lengths = {}
for i = 1, #symbols do
  local at, name, of = 3 + 6 * (i - 1), symbols[i][1], {}
  for part = 1, 6 do
    of[part] = redis.pcall(part == 1 and 'LLEN' or 'ZCARD', KEYS[at + part])
    if type(of[part]) == 'table' then return unreadable(KEYS[at + part], of[part]) end
  end
  lengths[i] = of
  if counted[i] then
    if counted[i] ~= counts_of(of) then
      local part = 0
      for expected_length in string.gmatch(counted[i], '%d+') do
        part = part + 1
        if part <= 6 and tonumber(expected_length) ~= of[part] then return missing(KEYS[at + part], of[part], tonumber(expected_length)) end
      end
      return damaged(KEYS[1], 'has counts of ' .. name .. ' that cannot be read')
    end
  else
    -- A symbol that is there has at least one value of each part; one that is new has none.
    local exists = redis.call('HEXISTS', KEYS[2], name) == 1
    for part = 1, 6 do
      if exists and of[part] == 0 then return missing(KEYS[at + part], 0, 1) end
      if not exists and of[part] > 0 then return damaged(KEYS[2], 'lacks ' .. name .. ', of which other parts are there') end
    end
  end
end

local new_counts = {}
for i = 1, #symbols do
  local at, item, of = 3 + 6 * (i - 1), symbols[i], lengths[i]
  local name, latest, day, trades, frames = item[1], item[2], item[3], item[5], item[6]
  if latest ~= '' then hashes[2] = hashes[2] + redis.call('HSET', KEYS[2], name, latest) end
  if day ~= '' then hashes[3] = hashes[3] + redis.call('HSET', KEYS[3], name, day) end

  for first = 1, #trades, 4000 do
    of[1] = redis.call('RPUSH', KEYS[at + 1], unpack(trades, first, math.min(first + 3999, #trades)))
  end
  if #trades > 0 then
    redis.call('LTRIM', KEYS[at + 1], '-' .. ARGV[2], '-1')
    of[1] = math.min(of[1], tonumber(ARGV[2]))
  end

  for frame = 1, 5 do
    local key, bars, horizon = KEYS[at + 1 + frame], frames[frame][2], frames[frame][1]
    local length = of[1 + frame]
    for b = 1, #bars, 2 do
      length = length - redis.call('ZREMRANGEBYSCORE', key, bars[b], bars[b])
      length = length + redis.call('ZADD', key, bars[b], bars[b + 1])
    end
    if horizon ~= '' then length = length - redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. horizon) end
    of[1 + frame] = length
  end
  new_counts[2 * i - 1], new_counts[2 * i] = 'n:' .. name, counts_of(of)
end

if counted_at and not is_counted then
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 'n:' then redis.call('HDEL', KEYS[1], field) end
  end
end
redis.call('HSET', KEYS[1], 'offset', position, 'counted', position .. ' ' .. string.format('%d', hashes[2]), unpack(fields))
for first = 1, #new_counts, 4000 do
  redis.call('HSET', KEYS[1], unpack(new_counts, first, math.min(first + 3999, #new_counts)))
end

redis.call('PUBLISH', ARGV[1], ARGV[3])
return {1, position}
