// `npm run bench -- relay --store redis`: goal 6 (two relay processes to one, on the same Redis with appendfsync always),
// and what an append costs Redis and its client by the ways there are to say it. Called by ../relay/main.mjs.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '../../../relay/test/support/redis-servers.mjs';
import { cpuSeconds } from '../relay/processes.mjs';
import { relayLoad } from '../relay/load.mjs';
import { commandCosts } from './commands.mjs';

/** @param tools startRelay(dir, env), medians, goal, fixed: of ../relay/main.mjs. */
export async function benchRedis({ rounds, seconds, temporary }, { startRelay, medians, goal, fixed }) {
  const result = { commands: await commandCosts({ seconds, temporary }) };
  console.log('\nOne append of 4 KiB, 64 under way, appendfsync always; CPU s/100k');
  for (const [name, one] of Object.entries(result.commands))
    console.log(
      `  ${name.padEnd(34)} ${fixed(one.rate, 0).padStart(7)}/s  client ${fixed(one.client)}  Redis ${fixed(one.redis)}`,
    );
  const figures = {};
  for (let round = 0; round < rounds; round++) {
    for (const window of [1, 16]) {
      for (const processes of [1, 2]) {
        const measured = await measure({ processes, window, seconds, temporary, startRelay });
        (figures[`${processes} at ${window}`] ??= []).push(measured);
      }
    }
  }
  console.log(
    '\n50 pairs over Redis (fsync), 4 KiB blocks; with two relays every reader is on one, every writer on the other',
  );
  for (const [name, all] of Object.entries(figures)) {
    const m = medians(all);
    result[name] = m;
    const [processes, , window] = name.split(' ');
    console.log(
      `  ${processes} relay${processes === '1' ? ' ' : 's'}, ${window.padStart(2)} in flight: ${fixed(m.rate, 0).padStart(6)} msg/s  p50 ${fixed(m.p50)} ms  ` +
        `p99 ${fixed(m.p99)} ms  CPU relays ${fixed(m.relays)}, Redis ${fixed(m.redis)} s/100k  generator busy ${fixed(m.generatorBusy)}`,
    );
  }
  for (const window of [1, 16])
    goal(
      6,
      `rate of two relays to one, ${window} in flight`,
      result[`2 at ${window}`].rate / result[`1 at ${window}`].rate,
      '>=',
      0.9,
    );
  return result;
}

async function measure({ processes, window, seconds, temporary, startRelay }) {
  const dir = temporary();
  const redis = await startRedis({}, dir);
  const [server] = redis.servers;
  const env = { SOTTO_REDIS: redis.url };
  const relays = [await startRelay(join(dir, 'a'), env)];
  if (processes === 2) {
    mkdirSync(join(dir, 'b'));
    copyFileSync(join(dir, 'a', 'relay-key'), join(dir, 'b', 'relay-key'));
    relays.push(await startRelay(join(dir, 'b'), env));
  }
  const both = {
    cpuSeconds: () => relays.reduce((sum, relay) => sum + relay.cpuSeconds(), 0),
  };
  let redisFrom;
  let redisUsed = 0;
  // The load asks twice: when the warm-up is over, and at the end.
  const watched = {
    cpuSeconds() {
      const now = cpuSeconds(server.pid);
      if (redisFrom === undefined) redisFrom = now;
      else redisUsed = now - redisFrom;
      return both.cpuSeconds();
    },
  };
  const load = await relayLoad({
    ports: relays.map((relay) => relay.port),
    pairs: 50,
    window,
    seconds,
    server: watched,
    untilDelivered: true,
  });
  for (const relay of relays) await relay.stop();
  await redis.stop();
  return { ...load, relays: load.cpuPer100k, redis: (redisUsed / load.messages) * 100_000 };
}
