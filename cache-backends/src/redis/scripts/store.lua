-- KEYS: entry, lease, versions...   ARGV: token, grouped, versions seen, frame, life, compare
-- Answers 'kept', 'lost' or 'moved'.
if ARGV[6] == '1' and not holds(KEYS[2], ARGV[1]) then
  return 'lost'
end
redis.call('DEL', KEYS[2])
if versions(3, #KEYS, ARGV[2] == '1') ~= ARGV[3] then
  return 'moved'
end
local life = tonumber(ARGV[5])
write(KEYS[1], ARGV[4], life)
for i = 3, #KEYS do
  outlive(KEYS[i], life)
end
return 'kept'
