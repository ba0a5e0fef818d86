-- KEYS: entry, lease, everything's version   ARGV: fresh version, its life, life, by, a counter's frame of 0
-- Answers the sum in digits. Redis itself adds them, in the place of the lease, which is gone
-- afterwards: a number here has 53 bits only.
local all = everything(KEYS[3], ARGV[1], ARGV[2])
local entry, lease, frame, life = KEYS[1], KEYS[2], ARGV[5], tonumber(ARGV[3])
if in_force(entry, NONE .. all .. NONE) then
  local found = redis.call('GET', entry)
  -- What has another format is no entry.
  if string.sub(found, 1, 5) == string.sub(frame, 1, 5) then
    frame, life = found, redis.call('PTTL', entry)
  end
end
local body = string.sub(frame, 81, -9)
local digits = string.match(body, '^(%-?%d+):')
if string.byte(frame, 6) ~= 2 or body ~= (digits or '') .. ':' .. (digits or '') then
  return redis.error_reply('NOTACOUNTER the entry is not a counter')
end
local sum = redis.pcall('SET', lease, digits)
if not sum.err then
  sum = redis.pcall('INCRBY', lease, ARGV[4])
end
if type(sum) == 'table' then
  redis.call('DEL', lease)
  return sum
end
digits = redis.call('GET', lease)
frame = string.sub(frame, 1, 80) .. digits .. ':' .. digits .. string.sub(frame, -8)
local refused = write(entry, lease, frame, life)
if refused then
  return refused
end
redis.call('SETRANGE', entry, 32, all)
outlive(KEYS[3], life)
return digits
