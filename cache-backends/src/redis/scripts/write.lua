-- KEYS: of each entry: entry, lease; everything's version   ARGV: fresh version, its life, life, frames...
local entries = math.floor(#KEYS / 2)
local key = KEYS[entries * 2 + 1]
local all = everything(key, ARGV[1], ARGV[2])
local life = tonumber(ARGV[3])
for i = 1, entries do
  local refused = write(KEYS[i * 2 - 1], KEYS[i * 2], ARGV[3 + i], life)
  if refused then
    return refused
  end
  redis.call('SETRANGE', KEYS[i * 2 - 1], 32, all)
end
outlive(key, life)
return 1
