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

-- The version that a key holds; one that is absent or no version is made, if there is `fresh`.
local function version(key, fresh, life)
  local held = redis.call('GET', key)
  if held and #held == 16 then
    return held
  end
  if fresh then
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
  return seen and redis.call('GETRANGE', entry, 16, 15 + #seen) == seen
end

-- A lease is its token and, behind a colon, the versions that its holder has seen: one that can no
-- longer store keeps nobody waiting.
local function holds(lease, token)
  local held = redis.call('GET', lease)
  return held and string.match(held, '^(%d+):') == token
end

-- Writes a frame and stamps the time; a life of -1 has no end.
local function write(entry, frame, life)
  if life < 0 then
    redis.call('SET', entry, frame)
  else
    redis.call('SET', entry, frame, 'PX', life)
  end
  local time = redis.call('TIME')
  redis.call('SETRANGE', entry, 8, struct.pack('<I8', time[1] * 1000 + math.floor(time[2] / 1000)))
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

