// The parts from which the scripts are put together. A script is one atomic step on one channel: it alone decides, by
// the rules of docs/protocol.md section 4. Keys and fields: docs/redis.md. Not its concern: who calls (../redis-store.ts).
//
// KEYS[1] is the channel's record. ARGV 1 to 5 are the same for all: a floor for the time, '1' when that is the time
// (tests), the command to publish with, how many days a channel lives without its reader, and the incarnation.

import { COARSE_FROM_SECONDS, EARLIER_READERS } from '../../common-rules.ts';

/** Answers' first number after the time. 0 is yes. */
export const Codes = {
  OK: 0,
  UNKNOWN: 1,
  BLOCKED: 2,
  SUPERSEDED: 3,
  INVALID: 4,
  STALE: 5,
  QUOTA: 6,
  LIMIT: 7,
  /** Of one append in a batch: known already. */
  DUPLICATE: 8,
} as const;

/** Time, the channel's other keys, answers. */
export const head = `
local K, A = KEYS[1], ARGV
local base = string.sub(K, 1, -2)
local now = tonumber(A[1])
if A[2] == '' then
  local t = tonumber(redis.call('TIME')[1])
  if t > now then now = t end
end
local minute, hour, today = math.floor(now / 60), math.floor(now / 3600), math.floor(now / 86400)
local idleDays = tonumber(A[4])
local function no(code, extra) return {now, code, extra} end
local function tell(incarnation, text) redis.call(A[3], base, string.sub(incarnation, 1, 4) .. text) end
-- A key that was just made lives as long as the record.
local function bound(name)
  if redis.call('PTTL', base .. name) < 0 then
    redis.call('PEXPIRE', base .. name, math.max(1, redis.call('PTTL', K)))
  end
end
`;

/** The channel behind a grant: there, the same incarnation, not closed. Fields from the fifth on are the caller's. */
export const open = `
local function open(...)
  local c = redis.call('HMGET', K, 'I', 'x', 'd', 'p', ...)
  if not c[1] or c[1] ~= A[5] or today - tonumber(c[3]) > idleDays then return nil, no(${Codes.UNKNOWN}) end
  if c[2] then return nil, no(${Codes.BLOCKED}, c[2]) end
  return c
end
local function replaced(right)
  if right == 'w' then return ${Codes.SUPERSEDED} end
  return ${Codes.UNKNOWN}
end
`;

/** When a block accepted now is gone, and what stands in the index for it. */
export const expiry = `
local function expiryMinute(ttl)
  local step = 1
  if ttl >= ${COARSE_FROM_SECONDS} then step = 60 end
  return math.ceil((now + ttl) / (60 * step)) * step
end
local function untilMs(expiry) return math.max(1, (expiry * 60 - now) * 1000) end
local function entry(seq, id, expiry, commitment)
  return struct.pack('>I4c16I4I4c32', seq, id, expiry, hour, commitment)
end
`;

/** Entries: sequence 4, append id 16, expiry minute 4, hour 4, commitment 32. The plain ones' index is m, of a log's ordered ones q. */
export const index = `
local function seqOf(entry) return (struct.unpack('>I4', entry)) end
local function expiryOf(entry) return (struct.unpack('>I4', entry, 21)) end
local function at(name, seq) return redis.call('ZRANGEBYSCORE', base .. name, seq, seq)[1] end
-- Takes expired entries out; the blocks themselves are Redis' to expire. Answers how many.
local function prune(name)
  local gone = 0
  while true do
    local entries = redis.call('ZRANGE', base .. name, 0, 63)
    local last
    local keys = {}
    for _, e in ipairs(entries) do
      if expiryOf(e) > minute then break end
      last = seqOf(e)
      gone = gone + 1
      if name == 'm' then
        keys[#keys + 1] = base .. 'b' .. last
        redis.call('HDEL', base .. 'l', last)
      end
    end
    if not last then return gone end
    redis.call('ZREMRANGEBYSCORE', base .. name, '-inf', last)
    if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
  end
end
`;

/** Which append ids are known: buckets of (id 16, sequence 4), oldest first. Needs \`head\`, \`buckets\`, \`remembered\`. */
export const known = `
local cached, dirty = {}, {}
local function bucketOf(id)
  local field = string.char(string.byte(id) % buckets)
  local bytes = cached[field]
  if not bytes then
    bytes = redis.call('HGET', base .. 'i', field) or ''
    cached[field] = bytes
  end
  return field, bytes
end
local function known(id)
  local _, bytes = bucketOf(id)
  local from = 1
  while true do
    from = string.find(bytes, id, from, true)
    if not from then return nil end
    if from % 20 == 1 then
      local seq = struct.unpack('>I4', bytes, from + 16)
      if seq > head - remembered then return seq end
      return nil
    end
    from = from + 1
  end
end
local function remember(id, seq)
  local field, bytes = bucketOf(id)
  local from = 1
  while from < #bytes and struct.unpack('>I4', bytes, from + 16) <= seq - remembered do from = from + 20 end
  cached[field] = string.sub(bytes, from) .. id .. struct.pack('>I4', seq)
  dirty[field] = true
end
local function keepIds()
  local set = {}
  for field in pairs(dirty) do
    set[#set + 1] = field
    set[#set + 1] = cached[field]
  end
  redis.call('HSET', base .. 'i', unpack(set))
  bound('i')
end
`;

/** Everything of the channel goes. */
export const bury = `
local function bury()
  local keys = {K, base .. 'i', base .. 'm', base .. 'q', base .. 'l', base .. 'o', base .. 'k'}
  local function drop(key)
    keys[#keys + 1] = key
    if #keys >= 500 then
      redis.call('UNLINK', unpack(keys))
      keys = {}
    end
  end
  for _, e in ipairs(redis.call('ZRANGE', base .. 'm', 0, -1)) do drop(base .. 'b' .. struct.unpack('>I4', e)) end
  for _, e in ipairs(redis.call('ZRANGE', base .. 'q', 0, -1)) do drop(base .. 's' .. struct.unpack('>I4', e)) end
  local slots = redis.call('HGET', base .. 'o', 's') or ''
  for from = 1, #slots, 24 do drop(base .. 's' .. struct.unpack('>I4', slots, from)) end
  if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
end
`;

/**
 * Replaces keys; one that is there already stays, so that a repeat ends no grant. Tells the watchers and answers the
 * rights that ended with their new generations, as in "r2w3".
 */
export const change = `
local function change(policy, wanted, at)
  local k = redis.call('HMGET', K, 'o', 'r', 'w', 'j', 'go', 'gr', 'gw', 'gj')
  local ended = ''
  for i, right in ipairs({'o', 'r', 'w', 'j'}) do
    local old, key = k[i], wanted[i]
    if key ~= '' and key ~= old then
      local generation = (tonumber(k[i + 4]) or 0) + 1
      if right == 'r' and policy == 'log' then
        redis.call('RPUSH', base .. 'k', old .. struct.pack('>I4', at))
        redis.call('LTRIM', base .. 'k', -${EARLIER_READERS}, -1)
        bound('k')
      end
      if right == 'w' then redis.call('HSET', K, 'pw', old, 'z', '1') end
      redis.call('HSET', K, right, key, 'g' .. right, generation)
      ended = ended .. right .. generation
    end
  end
  if ended ~= '' then tell(A[5], 'k' .. at .. ';' .. ended) end
  return ended
end
`;
