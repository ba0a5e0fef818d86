-- KEYS: entry, lease, everything's version   ARGV: fresh version, its life, life, frame
local all = everything(KEYS[3], ARGV[1], ARGV[2])
if in_force(KEYS[1], NONE .. all .. NONE) then
  return 0
end
local life = tonumber(ARGV[3])
local refused = write(KEYS[1], KEYS[2], ARGV[4], life)
if refused then
  return refused
end
redis.call('SETRANGE', KEYS[1], 32, all)
outlive(KEYS[3], life)
return 1
