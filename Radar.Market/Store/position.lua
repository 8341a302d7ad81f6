-- Changes the position of one partition beside its batches: integrity marks, and the steps by which a damaged state is restarted.
--
-- KEYS[1]   position (hash)   KEYS[2…]  keys to delete
-- ARGV[1]   the offset that has to be stored
-- ARGV[2]   '1': the other fields of the position go, too
-- ARGV[3…]  fields to set, names and values in turn
--
-- Returns   1; 0 where another offset is stored, and nothing is changed
if redis.call('HGET', KEYS[1], 'offset') ~= ARGV[1] then return 0 end

-- A Lua stack holds some 8000 values.
for first = 2, #KEYS, 4000 do redis.call('DEL', unpack(KEYS, first, math.min(first + 3999, #KEYS))) end
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
if #ARGV > 2 then redis.call('HSET', KEYS[1], unpack(ARGV, 3)) end
return 1
