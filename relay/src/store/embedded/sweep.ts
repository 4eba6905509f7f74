// Expiry of what lies in the tables: rows from the left of their order, and channels that nobody reads any more.
// In slices with a pause between them, so that connections are served meanwhile. Not its concern: blocks in memory.

import type { Channel } from './channel.ts';
import type { Engine } from './engine.ts';

/** Rows removed in one turn of the event loop. */
const ROWS_PER_SLICE = 500;
/** Channel records looked at in one turn. */
const CHANNELS_PER_SLICE = 200;
/** Where TTL, a spill's bound and the day of the reader's last proof stand in a channel record (channel.ts). */
const TTL_AT = 4 + 16 + 16 + 16;
const MAX_BLOCKS_AT = TTL_AT + 4;
const PROOF_DAY_AT = MAX_BLOCKS_AT + 4;

type Ageing = Pick<Channel, 'ttlSeconds' | 'maxBlocks' | 'proofDay'>;

/** A spill holds nothing once its TTL is over: it doesn't wait for a reader as other channels do. */
function isIdle({ ttlSeconds, maxBlocks, proofDay }: Ageing, today: number, idleDays: number): boolean {
  const days = maxBlocks === 0 ? idleDays : Math.min(idleDays, Math.ceil(ttlSeconds / 86_400));
  return today - proofDay > days;
}

function ageing(record: Buffer): Ageing {
  return {
    ttlSeconds: record.readUInt32LE(TTL_AT),
    maxBlocks: record.readUInt32LE(MAX_BLOCKS_AT),
    proofDay: record.readUInt32LE(PROOF_DAY_AT),
  };
}

/** Removes the rows that expired by now; answers how many. */
export async function sweepRows(engine: Engine): Promise<number> {
  const minute = engine.nowMinute();
  let removed = 0;
  for (;;) {
    const keys = engine.tables.expiredRows(minute, ROWS_PER_SLICE);
    if (keys.length === 0) break;
    await engine.tables.write(keys.map((key) => ['rows', key, undefined]));
    removed += keys.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return removed;
}

/** Once a day: deletes channels whose reader hasn't proved itself for too long, and spills that are over. */
export async function sweepChannels(engine: Engine, bury: (channel: Channel) => void): Promise<number> {
  const today = Math.floor(engine.now() / 86_400);
  if (today <= engine.sweptDay) return 0;
  const idleDays = Math.ceil(engine.limits.channelIdleSeconds / 86_400);
  let buried = 0;
  const end = (channel: Channel | undefined): void => {
    if (channel === undefined || channel.deleted || !isIdle(channel, today, idleDays)) return;
    bury(channel);
    buried++;
  };
  let start = Buffer.alloc(1);
  for (;;) {
    const slice = [...engine.tables.channels.getRange({ start, limit: CHANNELS_PER_SLICE })].map(
      ({ key, value }) => {
        return { tag: Buffer.from(key), ...ageing(Buffer.from(value)) };
      },
    );
    for (const record of slice) if (isIdle(record, today, idleDays)) end(engine.cache.tagged(record.tag));
    const last = slice.at(-1);
    if (slice.length < CHANNELS_PER_SLICE || last === undefined) break;
    start = Buffer.concat([last.tag, Buffer.alloc(1)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Those that no checkpoint has written yet.
  for (const channel of [...engine.cache.all()]) end(channel);
  engine.sweptDay = today;
  return buried;
}
