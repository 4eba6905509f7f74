// The relay comes back with an older store (restored from a backup), then with none. Everything had been read before
// each loss, so nothing may be missing: the owners make their channels again, the writers secure them again.
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { addTallies } from '../tally.mjs';
import { judge } from './kill.mjs';

export const title = 'the relay returns with an older store, then with an empty one';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

export async function run({ dir, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const people = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: relay.url, profile: `${dir}/${name}` }),
  );
  const [ada, ben] = people;
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    let total = 20;
    const talk = async (what) => {
      for (const person of people) person.send(person.conversation, total);
      await Promise.all(people.map((person) => person.allStored()));
      await Promise.all([untilRead(ada, ben, total, 40_000), untilRead(ben, ada, total, 40_000)]);
      log(`${what}: ${ada.received} and ${ben.received} received of ${total} each`);
    };
    await talk('before');

    await relay.stop();
    relay.saveData(`${dir}/backup`);
    await relay.start();
    total += 20;
    await talk('after the backup was made');

    await relay.stop('SIGKILL');
    relay.restoreData(`${dir}/backup`);
    await relay.start();
    total += 20;
    await talk('on the older store');

    await relay.stop('SIGKILL');
    relay.loseStore(['relay-key', 'promise.json']);
    await relay.start();
    total += 20;
    await talk('on an empty store');

    return addTallies(await judge(ada, ben), await judge(ben, ada));
  } finally {
    for (const person of people) await person.chat.quit();
    await relay.stop();
  }
}
