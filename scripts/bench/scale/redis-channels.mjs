// What channels cost in Redis: memory and file of each, how many are made a second, how long a cold one takes to be
// proved, and how long Redis takes to have them all again after a kill. Called by main.mjs. Not its concern: sockets.
import { createSecretKey, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const BATCH = 500;
const TRIES = 1000;
const BLOCKS = 20_000;

/**
 * @param redis of relay/test/support/redis-servers.mjs, with its directory. `specOf` answers the nth channel.
 * @returns a row for each of `counts`, and what a waiting block takes.
 */
export async function redisChannels({ counts, redis, openRedisStore, specOf, onRow }) {
  const [server] = redis.servers;
  const info = async (section, field) => {
    const text = await server.ask('INFO', section);
    return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)[1]);
  };
  const memory = () => info('memory', 'used_memory');
  const rows = [];
  const empty = await memory();
  const key = createSecretKey(randomBytes(32));
  const store = await openRedisStore({ url: redis.url, key });
  let made = 0;
  for (const count of counts) {
    const began = performance.now();
    const before = made;
    const used = process.cpuUsage();
    while (made < count) {
      const batch = Array.from({ length: Math.min(BATCH, count - made) }, () => specOf(made++));
      await Promise.all(batch.map((one) => insist(() => store.create(one))));
    }
    const perSecond = (made - before) / ((performance.now() - began) / 1000);
    const { user, system } = process.cpuUsage(used);
    const row = {
      count,
      perSecond,
      relayMicros: (user + system) / (made - before),
      bytesEach: ((await memory()) - empty) / made,
      fileBytesEach: folderBytes(redis.dir) / made,
      proveMicros: await proving(store, made, specOf),
    };
    rows.push(row);
    onRow(row);
  }
  const blockBytes = await blocks({ store, specOf, memory });
  await store.close();
  await server.stop('SIGKILL');
  const began = performance.now();
  await server.start();
  while ((await info('persistence', 'loading').catch(() => 1)) !== 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { rows, blockBytes, loadedSeconds: (performance.now() - began) / 1000 };
}

/** A Redis that writes its file anew may be silent for seconds: the store then says `later`, and a client repeats. */
async function insist(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (error.code !== 'LATER') throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    }
  }
}

async function proving(store, made, specOf) {
  const began = performance.now();
  for (let n = 0; n < TRIES; n++) {
    const one = specOf(Math.floor(Math.random() * made));
    await insist(() => store.grant('reader', one.readId, one.readerKey));
  }
  return ((performance.now() - began) / TRIES) * 1000;
}

/** Twenty waiting in each of a thousand channels. */
async function blocks({ store, specOf, memory }) {
  const grants = [];
  for (let n = 0; n < 1000; n++) {
    const one = specOf(n);
    grants.push(await insist(() => store.grant('writer', one.writeId, one.writerKey)));
  }
  const before = await memory();
  for (let n = 0; n < BLOCKS / grants.length; n++)
    await Promise.all(
      grants.map((grant) => {
        const request = {
          appendId: randomBytes(16),
          block: randomBytes(3968),
          commitment: randomBytes(32),
        };
        return insist(() => store.append(grant, request));
      }),
    );
  return ((await memory()) - before) / BLOCKS;
}

function folderBytes(dir) {
  return readdirSync(dir, { recursive: true })
    .map((name) => statSync(join(dir, name)))
    .reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}
