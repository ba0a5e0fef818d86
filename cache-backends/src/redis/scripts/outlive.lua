-- KEYS: a version   ARGV: the life of what was written under it
-- Answers the version.
outlive(KEYS[1], tonumber(ARGV[1]))
return redis.call('GET', KEYS[1])
