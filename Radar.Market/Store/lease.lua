-- Leases cost units of one caller's budget, which all replicas of the API share: it fills by time, up to a burst.
--
-- KEYS[1]  the caller's budget (hash: units, at)
-- ARGV[1]  units per second   ARGV[2]  burst
-- ARGV[3]  units that were spent without a lease, to be taken off in any case: what is left may be less than 0
-- ARGV[4]  units that are wanted
-- ARGV[5]  the time, Unix seconds: where the clocks of two replicas differ, the one that is ahead counts
--
-- Returns  {leased, left}, both as text
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = tonumber(ARGV[5])
local stored = redis.call('HMGET', KEYS[1], 'units', 'at')
local units, at = tonumber(stored[1] or burst), tonumber(stored[2] or now)
units = math.min(burst, units + math.max(0, now - at) * rate) - tonumber(ARGV[3])
local leased = math.max(0, math.min(tonumber(ARGV[4]), math.floor(units)))
units = units - leased
redis.call('HSET', KEYS[1], 'units', string.format('%.6f', units), 'at', string.format('%.6f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - units) / rate * 1000) + 1000)
return {string.format('%.6f', leased), string.format('%.6f', units)}
