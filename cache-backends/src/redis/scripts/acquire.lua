-- KEYS: entry, lease, versions...   ARGV: token, lease's life, how, grouped, fresh versions, their life
-- How is 'read' (an entry in force is the answer), 'compute' (whatever entry there is) or 'steal'
-- (whoever has the lease, too). Answers {'fresh', frame}, {'held'}, or {'granted', versions}.
local seen = versions(3, #KEYS, ARGV[4] == '1', ARGV[5], ARGV[6])
if ARGV[3] == 'read' and in_force(KEYS[1], seen) then
  return {'fresh', redis.call('GET', KEYS[1])}
end
local lease = held(KEYS[2])
if ARGV[3] ~= 'steal' and lease and string.sub(lease, -#seen) == seen then
  return {'held'}
end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. seen, 'PX', ARGV[2])
return {'granted', seen}
