-- KEYS: a version   ARGV: fresh version, its life
return version(KEYS[1], ARGV[1], ARGV[2])
