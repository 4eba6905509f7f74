// Expiry of what lies in the tables: rows from the left of their order, and channels that nobody reads any more.
// In slices with a pause between them, so that connections are served meanwhile. Not its concern: blocks in memory.

import type { Channel } from './channel.ts';
import type { Engine } from './engine.ts';

/** Rows removed in one turn of the event loop. */
const ROWS_PER_SLICE = 500;
/** Channel records looked at in one turn. */
const CHANNELS_PER_SLICE = 200;
/** Where the day of the reader's last proof stands in a channel record (channel.ts). */
const PROOF_DAY_AT = 4 + 16 + 16 + 16 + 4 + 4;

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

/** Once a day: deletes channels whose reader hasn't proved itself for too long; answers how many. */
export async function sweepChannels(engine: Engine, bury: (channel: Channel) => void): Promise<number> {
  const today = Math.floor(engine.now() / 86_400);
  if (today <= engine.sweptDay) return 0;
  const idleDays = Math.ceil(engine.limits.channelIdleSeconds / 86_400);
  let buried = 0;
  const end = (channel: Channel | undefined): void => {
    if (channel === undefined || channel.deleted || today - channel.proofDay <= idleDays) return;
    bury(channel);
    buried++;
  };
  let start = Buffer.alloc(1);
  for (;;) {
    const slice = [...engine.tables.channels.getRange({ start, limit: CHANNELS_PER_SLICE })].map(
      ({ key, value }) => {
        return { tag: Buffer.from(key), proofDay: Buffer.from(value).readUInt32LE(PROOF_DAY_AT) };
      },
    );
    for (const { tag, proofDay } of slice) if (today - proofDay > idleDays) end(engine.cache.tagged(tag));
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
