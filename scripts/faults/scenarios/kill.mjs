// Two people write to each other at full speed while the relay dies five times and each of them twice, all by kill -9.
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { addTallies, tally } from '../tally.mjs';

export const title = 'kill -9 of relay (5x) and of each client (2x) under load';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };
export const short = { messages: 300 };

export async function run({ dir, random, messages = 1000, relayKills = 5, clientKills = 2, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const people = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: relay.url, profile: `${dir}/${name}` }),
  );
  const [ada, ben] = people;
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    for (const person of people) person.send(person.conversation, messages);

    const faults = [
      ...Array.from({ length: relayKills }, () => ({ what: 'relay', act: () => relay.killAndRestart() })),
      ...people.flatMap((person) =>
        Array.from({ length: clientKills }, () => ({
          what: person.name,
          act: () => person.killAndRestart(),
        })),
      ),
    ];
    // each fault comes when a random share of all that is to be received has been received
    const plan = faults
      .map((fault) => ({ ...fault, at: Math.floor((0.02 + 0.9 * random.next()) * 2 * messages) }))
      .sort((a, b) => a.at - b.at);
    for (const fault of plan) {
      const deadline = Date.now() + 30_000;
      while (ada.received + ben.received < fault.at && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5));
      log(`kill -9 ${fault.what} after ${ada.received + ben.received} received`);
      await fault.act();
    }
    await Promise.all(people.map((person) => person.allStored()));
    await Promise.all([untilRead(ada, ben, messages, 90_000), untilRead(ben, ada, messages, 90_000)]);
    return addTallies(await judge(ada, ben), await judge(ben, ada));
  } finally {
    for (const person of people) await person.chat.quit();
    await relay.stop();
  }
}

/** What `reader` holds of what `writer` sent. */
export async function judge(reader, writer) {
  return tally({
    sent: writer.sent,
    history: await reader.chat.history(reader.conversation),
    events: reader.messageEvents(),
  });
}
