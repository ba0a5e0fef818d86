-- Stands before every script that follows.
--
-- An entry is in force if the versions in its frame (bytes 16 to 63: of its group, of everything,
-- of its tags) are those that its version keys hold now. A key that is its whole group has no
-- version of a group: 16 zero bytes stand there. Where everything's version is not among the keys
-- (in a cluster it is in another slot), only the group's is compared, and the client sees to the rest.
local NONE = string.rep('\0', 16)

local function xor(a, b)
  local bytes = {}
  for i = 1, 16 do
    bytes[i] = string.char(bit.bxor(string.byte(a, i), string.byte(b, i)))
  end
  return table.concat(bytes)
end

-- What a string key holds; another program may have put something else there, which is nothing.
local function held(key)
  local found = redis.pcall('GET', key)
  return type(found) == 'string' and found
end

local function microseconds()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- The version that a key holds; one that is absent or no version is made, if there is `fresh`. The
-- moment is mixed in: a command that comes twice makes two versions, and never one that was in force
-- before.
local function version(key, fresh, life)
  local found = held(key)
  if found and #found == 16 then
    return found
  end
  if fresh then
    fresh = xor(fresh, struct.pack('<I8I8', microseconds(), 0))
    redis.call('SET', key, fresh, 'PX', life)
  end
  return fresh
end

-- Everything's version; the client knows it where its key is not among the keys.
local function everything(key, fresh, life)
  if key then
    return version(key, fresh, life)
  end
  return fresh
end

-- The versions that KEYS[first..last] hold, as a frame has them; nothing if one is absent.
local function versions(first, last, grouped, fresh, life)
  local found = {}
  for i = first, last do
    local at = (i - first) * 16
    found[#found + 1] = version(KEYS[i], fresh and string.sub(fresh, at + 1, at + 16), life)
    if #found ~= i - first + 1 then
      return nil
    end
  end
  if not grouped then
    table.insert(found, 1, NONE)
  end
  if #found == 1 then
    return found[1]
  end
  local tags = NONE
  for i = 3, #found do
    tags = xor(tags, found[i])
  end
  return found[1] .. found[2] .. tags
end

local function in_force(entry, seen)
  return seen and redis.pcall('GETRANGE', entry, 16, 15 + #seen) == seen
end

-- A lease is its token and, behind a colon, the versions that its holder has seen: one that can no
-- longer store keeps nobody waiting.
local function holds(lease, token)
  local found = held(lease)
  return found and string.match(found, '^(%d+):') == token
end

-- Writes a frame, stamps the time, and then removes the lease: a script that has removed something
-- may write more than a full server allows. A life of -1 has no end. Answers an error, or nothing.
local function write(entry, lease, frame, life)
  local done
  if life < 0 then
    done = redis.pcall('SET', entry, frame)
  else
    done = redis.pcall('SET', entry, frame, 'PX', math.max(life, 1))
  end
  if not done.err then
    redis.call('SETRANGE', entry, 8, struct.pack('<I8', math.floor(microseconds() / 1000)))
  end
  redis.call('DEL', lease)
  return done.err and done
end

-- Sees to it that a version outlives what was written under it.
local function outlive(key, life)
  if not key then
    return
  end
  if life < 0 then
    redis.call('PERSIST', key)
    return
  end
  local left = redis.call('PTTL', key)
  if left >= 0 and left < life + 1800000 then
    redis.call('PEXPIRE', key, life + 3600000)
  end
end

