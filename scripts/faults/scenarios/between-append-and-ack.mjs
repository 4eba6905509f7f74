// The relay is killed as soon as a block was delivered, again and again: its ack is on the way, lost, or just written.
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { judge } from './kill.mjs';

export const title = 'the relay restarts between append and ack';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };
export const short = { rounds: 4, perRound: 40 };

export async function run({ dir, random, rounds = 6, perRound = 80, log }) {
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
      // in the middle of a round: some are acked, some on the way in either direction, some not yet sent
      let left = random.between(1, perRound / 2);
      const delivered = ben.chat.when(
        (event) => event.event === 'message' && --left === 0,
        30_000,
        'a message',
      );
      ada.send(ada.conversation, round * perRound);
      await delivered;
      await relay.stop('SIGKILL');
      log(`round ${round}: killed with ${ben.received - before} of ${perRound} received`);
      await relay.start();
      await untilRead(ben, ada, round * perRound, 30_000); // each round begins with nothing under way
    }
    await ada.allStored();
    return await judge(ben, ada);
  } finally {
    await ada.chat.quit();
    await ben.chat.quit();
    await relay.stop();
  }
}
