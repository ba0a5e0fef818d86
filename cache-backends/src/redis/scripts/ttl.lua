-- KEYS: entry, versions...   ARGV: grouped
-- Answers as PTTL does: -2 without an entry in force, -1 without an end.
if in_force(KEYS[1], versions(2, #KEYS, ARGV[1] == '1')) then
  return redis.call('PTTL', KEYS[1])
end
return -2
