// Two relays behind one address over one Redis, and two people who write to each other through them. For the scenarios
// of `--store redis`. Not its concern: which faults come when.
import { copyFileSync, mkdirSync } from 'node:fs';
import { Balancer } from './balancer.mjs';
import { RelayProcess, freePort } from './relay-process.mjs';
import { Talker, introduce, untilRead } from './talker.mjs';
import { addTallies } from './tally.mjs';
import { judge } from './scenarios/kill.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param options dir; redis: a running group; env: more settings of the relays; messages: of each person; log;
 *   faults: list of { what, act } that come in this order, spread over the conversation.
 */
export async function talkOverRedis({ dir, redis, env = {}, messages, log, faults: makeFaults, random }) {
  const settings = { SOTTO_REDIS: redis.url, SOTTO_LOG_LEVEL: 'warn', ...env };
  const relays = [];
  for (const name of ['relay-a', 'relay-b']) {
    relays.push(new RelayProcess({ dir: `${dir}/${name}`, port: await freePort(), env: settings }));
  }
  const [first, second] = relays;
  await first.start();
  // Relays of one address have one key.
  mkdirSync(second.dir, { recursive: true });
  copyFileSync(`${first.dir}/relay-key`, `${second.dir}/relay-key`);
  await second.start();
  const balancer = await Balancer.start(relays.map(({ port }) => port));
  const people = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: balancer.url, profile: `${dir}/${name}` }),
  );
  const [ada, ben] = people;
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    for (const person of people) person.send(person.conversation, messages);
    const faults = makeFaults({ relays, rolling: () => rollingRestart(relays, log) });
    for (const [i, fault] of faults.entries()) {
      const at = Math.floor(((i + 0.2 + 0.6 * random.next()) / (faults.length + 0.5)) * 2 * messages);
      const deadline = Date.now() + 30_000;
      while (ada.received + ben.received < at && Date.now() < deadline) await sleep(5);
      log(`${fault.what} after ${ada.received + ben.received} received`);
      await fault.act();
    }
    await Promise.all(people.map((person) => person.allStored()));
    await Promise.all([untilRead(ada, ben, messages, 90_000), untilRead(ben, ada, messages, 90_000)]);
    return addTallies(await judge(ada, ben), await judge(ben, ada));
  } finally {
    for (const person of people) await person.chat.quit();
    await balancer.close();
    for (const relay of relays) await relay.stop('SIGKILL');
    await redis.stop();
  }
}

/** As an upgrade goes: each drains, ends, comes back, before the next. */
async function rollingRestart(relays) {
  for (const relay of relays) {
    await relay.stop('SIGTERM');
    await relay.start();
  }
}
