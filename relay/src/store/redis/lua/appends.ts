// The scripts of appends: many plain ones of one handle in one step, and the ordered one. Not its concern: the rules'
// wording (docs/protocol.md 4.4 to 4.6).

import { MAX_SEQUENCE, ORDERED_IDS, SLOTS_BEHIND } from '../../common-rules.ts';
import { Codes, expiry, head, index, known, open, change } from './parts.ts';

const ids = `
local buckets = c[4] == 'log' and 256 or 64
`;

/**
 * ARGV 6 right, 7 generation ('' where superseded), 8 blocks allowed, 9 ids remembered, then append
 * id, commitment and block of each. A mailbox stops at the first refusal: what follows must not overtake it.
 * Answers code, sequence and time kept until of each one tried.
 */
export const appendScript = `${head}${open}${expiry}${index}
local c, refused = open('h', 'g' .. A[6], 'T', 'M')
if not c then return refused end
local head, current, remembered = tonumber(c[5]), A[7] == c[6], tonumber(A[9])
${ids}${known}
local expires = expiryMinute(tonumber(c[7]))
local first, ms, entries, out = head, untilMs(expires), {}, {now, ${Codes.OK}}
local room
local function full()
  if room and room > 0 then return false end
  if head >= ${MAX_SEQUENCE} then return true end
  if not room then
    local allowed, most = tonumber(A[8]), tonumber(c[8])
    if most > 0 and most < allowed then allowed = most end
    room = allowed - redis.call('ZCARD', base .. 'm')
    if room <= 0 then room = room + prune('m') end
  end
  return room <= 0
end
for i = 10, #A, 3 do
  local id = A[i]
  local seq, code, kept = known(id), ${Codes.OK}, expires * 60
  if seq then
    code = ${Codes.DUPLICATE}
    if seq <= first then
      local e = at('m', seq) or at('q', seq)
      kept = e and expiryOf(e) > minute and expiryOf(e) * 60 or 0
    end
  elseif not current then code, seq, kept = replaced(A[6]), 0, 0
  elseif full() then code, seq, kept = ${Codes.QUOTA}, 0, 0
  else
    room, head = room - 1, head + 1
    seq = head
    remember(id, seq)
    entries[#entries + 1] = seq
    entries[#entries + 1] = entry(seq, id, expires, A[i + 1])
    redis.call('SET', base .. 'b' .. seq, A[i + 2], 'PX', ms)
  end
  out[#out + 1], out[#out + 2], out[#out + 3] = code, seq, kept
  if code ~= ${Codes.OK} and code ~= ${Codes.DUPLICATE} and c[4] == 'mailbox' then break end
end
if head > first then
  redis.call('ZADD', base .. 'm', unpack(entries))
  bound('m')
  keepIds()
  redis.call('HSET', K, 'h', head)
  tell(A[5], 'a' .. head)
end
return out
`;

/**
 * ARGV 6 right, 7 generation, 8 ids remembered, 9 expect, 10 and 11 the TTLs in log and slot, 12 ordered blocks
 * allowed, 13 append id, 14 commitment, 15 block, 16 to 19 new keys. Answers code, sequence, kept until, rights ended, head.
 */
export const orderedScript = `${head}${open}${expiry}${index}${change}
local c, refused = open('h', 'g' .. A[6], 'n')
if not c then return refused end
local head, ordered, remembered, id = tonumber(c[5]), tonumber(c[7]), tonumber(A[8]), A[13]
local isLog = c[4] == 'log'
${ids}${known}
local slots = redis.call('HGET', base .. 'o', 's') or ''
local seq = known(id)
if seq then
  local e = at('m', seq) or at('q', seq)
  return {now, ${Codes.DUPLICATE}, seq, e and expiryOf(e) > minute and expiryOf(e) * 60 or 0, '', head}
end
local apart = redis.call('HGET', base .. 'o', 'd') or ''
for from = 1, #apart, 20 do
  if string.sub(apart, from, from + 15) == id then
    seq = struct.unpack('>I4', apart, from + 16)
    local kept = 0
    for s = 1, #slots, 24 do
      local e = struct.unpack('>I4', slots, s + 20)
      if struct.unpack('>I4', slots, s) == seq and e > minute then kept = e * 60 end
    end
    return {now, ${Codes.DUPLICATE}, seq, kept, '', head}
  end
end
if A[7] ~= c[6] then return no(replaced(A[6])) end
if tonumber(A[9]) ~= ordered then return no(${Codes.STALE}, ordered) end
local kept = expiryMinute(tonumber(A[11]))
local answer = kept
if isLog then
  prune('q')
  if redis.call('ZCARD', base .. 'q') >= tonumber(A[12]) or head >= ${MAX_SEQUENCE} then return no(${Codes.QUOTA}) end
  head = head + 1
  seq = head
  answer = expiryMinute(tonumber(A[10]))
  remember(id, seq)
  keepIds()
  redis.call('ZADD', base .. 'q', seq, entry(seq, id, answer, A[14]))
  bound('q')
  redis.call('HSET', K, 'h', head)
else
  seq = ordered + 1
  if seq >= ${MAX_SEQUENCE} then return no(${Codes.QUOTA}) end
  apart = string.sub(apart .. id .. struct.pack('>I4', seq), -20 * ${ORDERED_IDS})
  redis.call('HSET', base .. 'o', 'd', apart)
end
redis.call('SET', base .. 's' .. seq, A[15], 'PX', untilMs(kept))
slots = struct.pack('>I4c16I4', seq, id, kept) .. slots
local most = 24 * (isLog and ${SLOTS_BEHIND + 1} or 1)
for from = most + 1, #slots, 24 do
  local old = struct.unpack('>I4', slots, from)
  -- A log's readers may still be owed it: it is kept once, for slot and log.
  local e = at('q', old)
  if e then redis.call('PEXPIRE', base .. 's' .. old, untilMs(expiryOf(e)))
  else redis.call('UNLINK', base .. 's' .. old) end
end
redis.call('HSET', base .. 'o', 's', string.sub(slots, 1, most))
bound('o')
redis.call('HSET', K, 'n', seq)
tell(A[5], 'a' .. head)
local ended = change(c[4], {A[16], A[17], A[18], A[19]}, seq)
return {now, ${Codes.OK}, seq, answer * 60, ended, head}
`;
