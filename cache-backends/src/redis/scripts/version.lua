-- KEYS: a version   ARGV: fresh version, its life, and the life of what is about to be written under it
local found = version(KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] then
  outlive(KEYS[1], tonumber(ARGV[3]))
end
return found
