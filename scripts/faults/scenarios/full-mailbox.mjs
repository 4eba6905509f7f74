// One person is away while the other writes far more than a mailbox holds. The rest waits at the writer's device,
// survives its kill, and goes out when there is room.
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { judge } from './kill.mjs';

export const title =
  'a mailbox full (128 blocks) while its reader is away; the writer is killed with the rest';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

export async function run({ dir, messages = 220, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const [ada, ben] = ['ada', 'ben'].map(
    (name) => new Talker({ name, relay: relay.url, profile: `${dir}/${name}` }),
  );
  try {
    await ada.chat.start();
    await ben.chat.start();
    await introduce(ada, ben);
    // one message each way, so that both mailboxes are the private ones
    ada.send(ada.conversation, 1);
    await untilRead(ben, ada, 1, 15_000);
    ben.send(ben.conversation, 1);
    await untilRead(ada, ben, 1, 15_000);

    await ben.chat.kill();
    ada.send(ada.conversation, messages);
    await ada.allStored();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    log(`${messages} stored at the writer, the reader away; writer and relay are killed`);
    await ada.killAndRestart();
    await relay.killAndRestart();
    await ben.restart();
    await untilRead(ben, ada, messages, 90_000);
    return await judge(ben, ada);
  } finally {
    await ada.chat.quit();
    await ben.chat.quit();
    await relay.stop();
  }
}
