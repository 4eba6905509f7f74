// The wall clock of relay and clients jumps: minutes and an hour, ahead and back, at random, under load. (A day ahead
// would be the expiry of nothing: mailboxes keep 14 days.)
import { writeFileSync } from 'node:fs';
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { addTallies } from '../tally.mjs';
import { judge } from './kill.mjs';

export const title = 'clock steps of relay and clients, ahead and back, with restarts';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

const PRELOAD = `--import=${new URL('../clock-step.mjs', import.meta.url).href}`;
const STEPS_MS = [-3_600_000, -300_000, -61_000, 61_000, 300_000, 3_600_000, 86_400_000];

export async function run({ dir, random, messages = 120, steps = 6, log }) {
  const clock = (name) => `${dir}/clock-${name}`;
  const settings = (name) => ({ nodeOptions: PRELOAD, env: { SOTTO_FAULT_CLOCK: clock(name) } });
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort(), ...settings('relay') });
  const people = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: relay.url, profile: `${dir}/${name}`, ...settings(name) }),
  );
  const [ada, ben] = people;
  for (const name of ['relay', 'ada', 'ben']) writeFileSync(clock(name), '0');
  await relay.start();
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    for (const person of people) person.send(person.conversation, messages);
    for (let i = 1; i <= steps; i++) {
      const who = random.pick(['relay', 'ada', 'ben']);
      const step = random.pick(STEPS_MS);
      writeFileSync(clock(who), String(step));
      log(`${who}'s clock is off by ${step / 1000} s`);
      const target = Math.min(2 * messages, Math.floor((i / steps) * 2 * messages));
      const deadline = Date.now() + 10_000;
      while (ada.received + ben.received < target && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 10));
      if (who === 'relay') await relay.killAndRestart();
    }
    await Promise.all(people.map((person) => person.allStored()));
    await Promise.all([untilRead(ada, ben, messages, 40_000), untilRead(ben, ada, messages, 40_000)]);
    return addTallies(await judge(ada, ben), await judge(ben, ada));
  } finally {
    for (const person of people) await person.chat.quit();
    await relay.stop();
  }
}
