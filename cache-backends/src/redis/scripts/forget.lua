-- KEYS: of each entry: entry, lease, versions...   ARGV: of each entry: number of versions, grouped
-- Answers how many of them were in force.
local count, at = 0, 1
for i = 1, #ARGV, 2 do
  local last = at + 1 + tonumber(ARGV[i])
  if in_force(KEYS[at], versions(at + 2, last, ARGV[i + 1] == '1')) then
    count = count + 1
  end
  redis.call('UNLINK', KEYS[at], KEYS[at + 1])
  at = last + 1
end
return count
