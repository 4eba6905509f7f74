// The scripts of pools: claims under a lease, its prolonging or return, the author's withdrawal.

import { Codes, head, index, known, open } from './parts.ts';

const pool = `
local c, refused = open('g' .. A[6], 'h')
if not c then return refused end
if c[4] ~= 'pool' then return no(${Codes.INVALID}) end
if A[7] ~= c[5] then return no(replaced(A[6])) end
prune('m')
`;

/** ARGV 8 seconds. Answers entry, block, leased until; nothing where none is free. */
export const claimScript = `${head}${open}${index}${pool}
local leases = {}
local flat = redis.call('HGETALL', base .. 'l')
for i = 1, #flat, 2 do leases[flat[i]] = tonumber(flat[i + 1]) end
local from = 0
while true do
  local entries = redis.call('ZRANGE', base .. 'm', from, from + 99)
  for _, e in ipairs(entries) do
    local seq = seqOf(e)
    if (leases[tostring(seq)] or 0) <= now then
      local block = redis.call('GET', base .. 'b' .. seq)
      if block then
        local leased = math.min(now + tonumber(A[8]), expiryOf(e) * 60)
        redis.call('HSET', base .. 'l', seq, leased)
        bound('l')
        return {now, ${Codes.OK}, e, block, leased}
      end
    end
  end
  if #entries < 100 then return {now, ${Codes.OK}} end
  from = from + 100
end
`;

/**
 * ARGV 8 sequence, 9 seconds (0 puts it back), 10 until when this holder has it: the fence. A lease that was claimed
 * anew has another end, and is not this holder's any more. Answers the new end.
 */
export const leaseScript = `${head}${open}${index}${pool}
local e = at('m', A[8])
if not e or redis.call('HGET', base .. 'l', A[8]) ~= A[10] then return no(${Codes.UNKNOWN}) end
local seconds = tonumber(A[9])
if seconds == 0 then
  redis.call('HDEL', base .. 'l', A[8])
  tell(A[5], 'p')
  return {now, ${Codes.OK}, 0}
end
local leased = math.min(now + seconds, expiryOf(e) * 60)
redis.call('HSET', base .. 'l', A[8], leased)
bound('l')
return {now, ${Codes.OK}, leased}
`;

/** ARGV 8 ids remembered, 9 append id. */
export const withdrawScript = `${head}${open}${index}${pool}
local head, buckets, remembered = tonumber(c[6]), 64, tonumber(A[8])
${known}
local seq = known(A[9])
local e = seq and at('m', seq)
if e then
  redis.call('ZREM', base .. 'm', e)
  redis.call('HDEL', base .. 'l', seq)
  redis.call('UNLINK', base .. 'b' .. seq)
end
return {now, ${Codes.OK}}
`;
