-- KEYS: entry, lease, versions...   ARGV: token, grouped, versions seen, frame, life, compare
-- Answers 'kept', 'lost' or 'moved'.
if ARGV[6] == '1' and not holds(KEYS[2], ARGV[1]) then
  return 'lost'
end
if versions(3, #KEYS, ARGV[2] == '1') ~= ARGV[3] then
  redis.call('DEL', KEYS[2])
  return 'moved'
end
local life = tonumber(ARGV[5])
local refused = write(KEYS[1], KEYS[2], ARGV[4], life)
if refused then
  return refused
end
for i = 3, #KEYS do
  outlive(KEYS[i], life)
end
return 'kept'
