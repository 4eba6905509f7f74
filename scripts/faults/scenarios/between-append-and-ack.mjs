// The relay is killed as soon as a block was delivered, again and again: its ack is on the way, lost, or just written.
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { judge } from './kill.mjs';

export const title = 'the relay restarts between append and ack';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

export async function run({ dir, rounds = 6, perRound = 20, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const [ada, ben] = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: relay.url, profile: `${dir}/${name}` }),
  );
  try {
    await ada.chat.start();
    await ben.chat.start();
    await introduce(ada, ben);
    for (let round = 1; round <= rounds; round++) {
      const before = ben.received;
      const delivered = ben.chat.when((event) => event.event === 'message', 30_000, 'a message');
      ada.send(ada.conversation, round * perRound);
      await delivered;
      await relay.killAndRestart();
      log(`round ${round}: killed with ${ben.received - before} of ${perRound} received`);
    }
    await ada.allStored();
    await untilRead(ben, ada, rounds * perRound, 60_000);
    return await judge(ben, ada);
  } finally {
    await ada.chat.quit();
    await ben.chat.quit();
    await relay.stop();
  }
}
