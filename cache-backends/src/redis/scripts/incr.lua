-- KEYS: entry, lease, everything's version   ARGV: fresh version, its life, life, by, a counter's frame of 0
-- Answers the sum in digits. Redis itself adds them: a number here has 53 bits only.
local all = everything(KEYS[3], ARGV[1], ARGV[2])
local entry, frame, life = KEYS[1], ARGV[5], tonumber(ARGV[3])
local before
if in_force(entry, NONE .. all .. NONE) then
  before = redis.call('GET', entry)
  frame, life = before, redis.call('PTTL', entry)
end
local body = string.sub(frame, 81, -9)
local digits = string.match(body, '^(%-?%d+):')
if string.byte(frame, 6) ~= 2 or body ~= (digits or '') .. ':' .. (digits or '') then
  return redis.error_reply('NOTACOUNTER the entry is not a counter')
end
redis.call('SET', entry, digits)
local sum = redis.pcall('INCRBY', entry, ARGV[4])
if type(sum) == 'table' then
  redis.call('DEL', entry)
  if before then
    write(entry, before, life)
  end
  return sum
end
digits = redis.call('GET', entry)
redis.call('DEL', KEYS[2])
write(entry, string.sub(frame, 1, 80) .. digits .. ':' .. digits .. string.sub(frame, -8), life)
redis.call('SETRANGE', entry, 32, all)
outlive(KEYS[3], life)
return digits
