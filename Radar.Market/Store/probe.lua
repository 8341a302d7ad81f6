-- Tries every command of apply.lua, of position.lua and of the writer's reads, and leaves nothing behind: rights are checked before types, and the only
-- key is a list that is gone at the end.
--
-- KEYS[1]  an unused key of the partition
-- ARGV[1]  a channel beside the partition's, ARGV[2]  the partition's channel
--
-- Returns  {command, the server's words, …}  what this user may not do; empty where it may do everything
local refused = {}

local function may(command, ...)
  local answer = redis.pcall(command, ...)
  local text = type(answer) == 'table' and answer['err'] or nil
  if not text then return true end
  for _, words in ipairs({'NOPERM', 'ACL failure', 'user executing the script', 'no permissions'}) do
    if string.find(text, words, 1, true) then
      refused[#refused + 1] = command
      refused[#refused + 1] = text
      return false
    end
  end
  return false -- for another reason, which is reported elsewhere
end

-- A channel may be allowed by its own name only. An empty message is no change to anybody.
if not may('PUBLISH', ARGV[1], '') then
  refused = {}
  may('PUBLISH', ARGV[2], '')
end

-- Without these two the rest would write.
if not may('LTRIM', KEYS[1], '1', '0') or not may('RPUSH', KEYS[1], 'x') then return refused end

may('HSET', KEYS[1], 'x', 'x')
may('HGET', KEYS[1], 'x')
may('HDEL', KEYS[1], 'x')
may('HMGET', KEYS[1], 'x')
may('HKEYS', KEYS[1])
may('HLEN', KEYS[1])
may('HEXISTS', KEYS[1], 'x')
may('LLEN', KEYS[1])
may('ZADD', KEYS[1], '1', 'x')
may('ZCARD', KEYS[1])
may('ZREVRANGE', KEYS[1], '0', '0')
may('ZRANGEBYSCORE', KEYS[1], '0', '0')
may('ZREMRANGEBYSCORE', KEYS[1], '0', '0')
may('LTRIM', KEYS[1], '1', '0')
may('DEL', KEYS[1])
return refused
