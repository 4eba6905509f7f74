// The scripts of readers: what is there, how far it goes, acks, the slot. Not its concern: wake-ups (../watching.ts).

import { Codes, head, index, open } from './parts.ts';

/** ARGV 6 right, 7 generation ('' where superseded), 8 until ('' where unlimited): a log's earlier reader. */
const mayRead = `
if A[8] == '' and A[7] ~= c[5] then return no(replaced(A[6])) end
`;

/** ARGV 9 after, 10 limit. Answers entry and block of each, ascending. */
export const readScript = `${head}${open}${index}
local c, refused = open('g' .. A[6])
if not c then return refused end
${mayRead}
local after, limit, top = '(' .. A[9], tonumber(A[10]), A[8] == '' and '+inf' or A[8]
prune('m')
local found = redis.call('ZRANGEBYSCORE', base .. 'm', after, top, 'LIMIT', 0, limit)
if c[4] == 'log' then
  prune('q')
  local ordered = redis.call('ZRANGEBYSCORE', base .. 'q', after, top, 'LIMIT', 0, limit)
  if #ordered > 0 then
    for _, e in ipairs(ordered) do found[#found + 1] = e .. 'o' end
    -- Not by the bytes: Lua compares strings by the server's locale.
    table.sort(found, function(a, b) return seqOf(a) < seqOf(b) end)
  end
end
local out = {now, ${Codes.OK}}
for i = 1, math.min(limit, #found) do
  local e = found[i]
  local kind = #e > 60 and 's' or 'b'
  local block = redis.call('GET', base .. kind .. seqOf(e))
  if block then
    out[#out + 1] = e
    out[#out + 1] = block
  end
end
return out
`;

/** Answers head, floor, last ordered. */
export const boundsScript = `${head}${open}${index}
local c, refused = open('g' .. A[6], 'h', 'n')
if not c then return refused end
${mayRead}
prune('m')
prune('q')
local top = tonumber(c[6])
local floor = top + 1
for _, name in ipairs({'m', 'q'}) do
  local e = redis.call('ZRANGE', base .. name, 0, 0)[1]
  if e and seqOf(e) < floor then floor = seqOf(e) end
end
return {now, ${Codes.OK}, top, floor, tonumber(c[7])}
`;

/** ARGV 9 on: sequence, append id. */
export const ackScript = `${head}${open}${index}
local c, refused = open('g' .. A[6])
if not c then return refused end
${mayRead}
local keys = {}
for i = 9, #A, 2 do
  local e = at('m', A[i])
  if e and string.sub(e, 5, 20) == A[i + 1] then
    redis.call('ZREM', base .. 'm', e)
    keys[#keys + 1] = base .. 'b' .. A[i]
  end
end
if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
return {now, ${Codes.OK}}
`;

/** ARGV 9 back. Answers sequence, append id, kept until, block; nothing where there is none. */
export const slotScript = `${head}${open}
local c, refused = open('g' .. A[6])
if not c then return refused end
${mayRead}
local slots, back = redis.call('HGET', base .. 'o', 's') or '', tonumber(A[9])
for from = 1, #slots, 24 do
  local seq, id, expiry = struct.unpack('>I4c16I4', slots, from)
  if A[8] == '' or seq <= tonumber(A[8]) then
    if back == 0 then
      local block = expiry > minute and redis.call('GET', base .. 's' .. seq)
      if not block then return {now, ${Codes.OK}} end
      return {now, ${Codes.OK}, seq, id, expiry * 60, block}
    end
    back = back - 1
  end
end
return {now, ${Codes.OK}}
`;
