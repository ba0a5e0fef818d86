-- KEYS: entry, lease, versions...   ARGV: token, lease's life, steal, grouped, fresh versions, their life
-- Answers {'fresh', frame}, {'held'}, or {'granted', versions}.
local seen = versions(3, #KEYS, ARGV[4] == '1', ARGV[5], ARGV[6])
if ARGV[3] ~= '1' then
  if in_force(KEYS[1], seen) then
    return {'fresh', redis.call('GET', KEYS[1])}
  end
  local held = redis.call('GET', KEYS[2])
  if held and string.sub(held, -#seen) == seen then
    return {'held'}
  end
end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. seen, 'PX', ARGV[2])
return {'granted', seen}
