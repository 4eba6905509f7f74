// The scripts of a channel's life: made, looked up, its keys replaced, deleted, closed by the operator, swept.

import { bury, change, Codes, head, index, open } from './parts.ts';

/**
 * The day from which a channel counts as idle: its reader's last proof. A spill is over with its blocks, so it counts
 * from as much earlier. A day more than the rule asks: it is checked to the day, the key's own end only cleans up.
 */
const live = `
local function seenDay(most, ttl)
  if tonumber(most) == 0 then return today end
  return today - math.max(0, idleDays - math.ceil(tonumber(ttl) / 86400))
end
local function live(day)
  local ms = (idleDays + 2 - today + day) * 86400000
  for _, name in ipairs({'c', 'i', 'm', 'q', 'l', 'o', 'k'}) do redis.call('PEXPIRE', base .. name, ms) end
end
`;

/**
 * ARGV 5 a new incarnation, 6 policy, 7 securing, 8 TTL, 9 most blocks, 10 to 13 keys, 14 hash of the writeId.
 * Answers 1 where it existed, then its TTL, incarnation, last sequences and generations.
 */
export const createScript = `${head}${bury}${live}
local c = redis.call('HMGET', K, 'I', 'x', 'd', 'W', 'o', 'T', 'h', 'n', 'go', 'gr', 'gw', 'gj')
if c[1] and today - tonumber(c[3]) > idleDays then
  bury()
  c = {false}
end
if c[1] then
  if c[4] ~= A[14] or c[5] ~= A[10] then return no(${Codes.UNKNOWN}) end
  if c[2] then return no(${Codes.BLOCKED}, c[2]) end
  return {now, ${Codes.OK}, 1, tonumber(c[6]), c[1], tonumber(c[7]), tonumber(c[8]),
    tonumber(c[9]), tonumber(c[10]), tonumber(c[11]), tonumber(c[12] or 0)}
end
redis.call('HSET', K, 'I', A[5], 'p', A[6], 's', A[7], 'T', A[8], 'M', A[9], 'o', A[10], 'r', A[11], 'w', A[12],
  'go', 1, 'gr', 1, 'gw', 1, 'h', 0, 'n', 0, 'd', seenDay(A[9], A[8]), 'W', A[14])
if A[13] ~= '' then redis.call('HSET', K, 'j', A[13], 'gj', 1) end
live(seenDay(A[9], A[8]))
return {now, ${Codes.OK}, 0, tonumber(A[8]), A[5], 0, 0, 1, 1, 1, A[13] ~= '' and 1 or 0}
`;

/**
 * ARGV 6 right, 7 public key, 8 hash of the writeId ('' for a readId). Answers policy, generation, superseded, until
 * (-1: no limit), incarnation, last sequences, all generations, and the writeId's hash where its key must live on too.
 */
export const grantScript = `${head}${live}
local right = A[6]
local c = redis.call('HMGET', K, 'I', 'x', 'd', 'p', right, 'pw', 'W', 'h', 'n', 'go', 'gr', 'gw', 'gj', 's')
if not c[1] or today - tonumber(c[3]) > idleDays or (A[8] ~= '' and A[8] ~= c[7]) then return no(${Codes.UNKNOWN}) end
local generations = {o = tonumber(c[10]), r = tonumber(c[11]), w = tonumber(c[12]), j = tonumber(c[13] or 0)}
local generation, superseded, untilSeq = generations[right], 0, -1
if c[5] ~= A[7] then
  superseded = 1
  if right == 'w' and c[6] == A[7] then generation = generation - 1
  elseif right == 'r' and c[4] == 'log' then
    local earlier = redis.call('LRANGE', base .. 'k', 0, -1)
    for i = #earlier, 1, -1 do
      if string.sub(earlier[i], 1, 32) == A[7] then
        untilSeq = struct.unpack('>I4', earlier[i], 33)
        break
      end
    end
    if untilSeq < 0 then return no(${Codes.UNKNOWN}) end
  else return no(${Codes.UNKNOWN}) end
end
if c[2] then return no(${Codes.BLOCKED}, c[2]) end
local refreshed = ''
if right == 'r' and superseded == 0 and tonumber(c[3]) < today then
  local bound = redis.call('HMGET', K, 'M', 'T')
  local day = seenDay(bound[1], bound[2])
  if day > tonumber(c[3]) then
    redis.call('HSET', K, 'd', day)
    live(day)
  end
  if day == today then refreshed = c[7] end
end
return {now, ${Codes.OK}, c[4], generation, superseded, untilSeq, c[1], tonumber(c[8]), tonumber(c[9]),
  generations.o, generations.r, generations.w, generations.j, refreshed}
`;

/** What a watcher must know after it may have missed something: last sequence and generations. */
export const stateScript = `${head}${open}
local c, refused = open('h', 'go', 'gr', 'gw', 'gj')
if not c then return refused end
return {now, ${Codes.OK}, tonumber(c[5]), tonumber(c[6]), tonumber(c[7]), tonumber(c[8]), tonumber(c[9] or 0)}
`;

/** Whether spills may be made under it: most blocks, where it is a spill itself; else 0. */
export const lendingScript = `${head}${open}
local c, refused = open('M')
if not c then return refused end
return {now, ${Codes.OK}, tonumber(c[5])}
`;

/** ARGV 6 generation of the writer, 7 the new key. */
export const secureScript = `${head}${open}${change}
local c, refused = open('gw', 's', 'z', 'w', 'h')
if not c then return refused end
if c[6] ~= 'once' then return no(${Codes.INVALID}) end
if c[7] and c[8] == A[7] then return {now, ${Codes.OK}, tonumber(c[9]), ''} end
if A[6] ~= c[5] then return no(${Codes.SUPERSEDED}) end
if c[7] then return no(${Codes.INVALID}) end
redis.call('HSET', K, 'z', '1')
return {now, ${Codes.OK}, tonumber(c[9]), change(c[4], {'', '', A[7], ''}, tonumber(c[9]))}
`;

/** ARGV 6 generation of the owner, 7 to 10 new keys ('' for none). Answers last sequence and the rights that ended. */
export const changeScript = `${head}${open}${change}
local c, refused = open('go', 'h')
if not c then return refused end
if A[6] ~= c[5] then return no(${Codes.UNKNOWN}) end
return {now, ${Codes.OK}, tonumber(c[6]), change(c[4], {A[7], A[8], A[9], A[10]}, tonumber(c[6]))}
`;

/** ARGV 6 generation of the owner. Answers the writeId's hash, whose key goes too. */
export const deleteScript = `${head}${open}${bury}
local c, refused = open('go', 'W')
if not c then return refused end
if A[6] ~= c[5] then return no(${Codes.UNKNOWN}) end
bury()
tell(A[5], 'd')
return {now, ${Codes.OK}, c[6]}
`;

/** ARGV 6 reason; '' only asks. Answers 1 where it is closed already. */
export const blockScript = `${head}
local c = redis.call('HMGET', K, 'I', 'x', 'd')
if not c[1] or today - tonumber(c[3]) > idleDays then return no(${Codes.UNKNOWN}) end
if c[2] then return {now, ${Codes.OK}, 1} end
if A[6] ~= '' then
  redis.call('HSET', K, 'x', A[6])
  tell(c[1], 'b' .. A[6])
end
return {now, ${Codes.OK}, 0}
`;

/** Answers how many blocks expired, whether the channel did, its writeId's hash then, and how many blocks are left. */
export const sweepScript = `${head}${index}${bury}
local c = redis.call('HMGET', K, 'I', 'd', 'W')
if not c[1] then return {now, ${Codes.OK}, 0, 0, '', 0} end
if today - tonumber(c[2]) > idleDays then
  bury()
  tell(c[1], 'd')
  return {now, ${Codes.OK}, 0, 1, c[3], 0}
end
local gone = prune('m') + prune('q')
return {now, ${Codes.OK}, gone, 0, '', redis.call('ZCARD', base .. 'm') + redis.call('ZCARD', base .. 'q')}
`;

/**
 * The day's count of closed channels, in a key of its own. ARGV 6: 1 takes one, -1 gives it back, 0 asks; 7 the most
 * a day. Answers the total.
 */
export const countScript = `${head}
local c = redis.call('HMGET', K, 'total', 'day', 'today')
local total, used, by = tonumber(c[1] or 0), tonumber(c[3] or 0), tonumber(A[6])
if tonumber(c[2] or -1) ~= today then used = 0 end
if by == 0 then return {now, ${Codes.OK}, total} end
if by > 0 and used >= tonumber(A[7]) then return no(${Codes.LIMIT}) end
redis.call('HSET', K, 'total', math.max(0, total + by), 'day', today, 'today', math.max(0, used + by))
return {now, ${Codes.OK}, total + by}
`;

/** A subscription's place in the row of those who took the mailbox: the time here, in microseconds. Nothing is stored. */
export const fenceScript = `${head}
local t = redis.call('TIME')
local fence = A[6]
if fence == '' then fence = t[1] .. string.format('%06d', tonumber(t[2])) end
tell(A[5], 'e' .. fence)
return {now, ${Codes.OK}, fence}
`;

/** ARGV 6 digest of the promise's content. Answers its version: the same again, or one more. */
export const promiseScript = `${head}
local c = redis.call('HMGET', K, 'digest', 'version')
if c[1] == A[6] then return {now, ${Codes.OK}, tonumber(c[2])} end
local version = tonumber(c[2] or 0) + 1
redis.call('HSET', K, 'digest', A[6], 'version', version)
return {now, ${Codes.OK}, version}
`;

/** ARGV 6 version, 7 signed document: published unless a newer one is there. */
export const publishScript = `${head}
local c = redis.call('HMGET', K, 'version')
if c[1] == A[6] then redis.call('HSET', K, 'signed', A[6], 'document', A[7]) end
return {now, ${Codes.OK}}
`;
