// Two people on a bad network: connections cut at random, refused, half-open in either direction, stalled, slow, in
// small pieces. Each goes through a proxy of their own (an invite leads through the proxy of whoever made it).
import { FaultProxy } from '../proxy/fault-proxy.mjs';
import { RelayProcess, freePort } from '../relay-process.mjs';
import { Talker, introduce, untilRead } from '../talker.mjs';
import { addTallies } from '../tally.mjs';
import { judge } from './kill.mjs';

export const title = 'cut, refused, half-open, stalled and slow connections';
export const promise = { lost: 0, doubled: 0, outOfOrder: 0 };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Where what is missing may be: still at its writer, or at the relay, and whether anyone is connected. */
async function standing({ name, chat, conversation }) {
  const own = (await chat.history(conversation)).filter(({ mine }) => mine);
  const waiting = own.filter(({ delivery }) => delivery === 'waiting').length;
  const states = chat.events.filter(({ event }) => event === 'state').slice(-4);
  return `${name}: ${waiting} waiting here, lately ${states.map(({ state }) => state).join(', ')}`;
}

/** Each fault lasts a moment; the network is well again in between. */
const FAULTS = {
  'cut by reset': (proxy) => proxy.cut('rst'),
  'cut politely': (proxy) => proxy.cut('fin'),
  'cut again and again': async (proxy) => {
    proxy.cutAtRandom({ everyMs: [50, 400] });
    await sleep(2000);
    proxy.stopCutting();
  },
  refused: async (proxy) => {
    proxy.refuse();
    proxy.cut('rst');
    await sleep(800);
  },
  'half-open, nothing up': async (proxy) => {
    proxy.halfOpen('up');
    await sleep(700);
    proxy.cut('rst');
  },
  'half-open, nothing down': async (proxy) => {
    proxy.halfOpen('down');
    await sleep(700);
    proxy.cut('rst');
  },
  stalled: async (proxy) => {
    proxy.lines({ stall: true });
    await sleep(700);
  },
  'slow, in small pieces': async (proxy) => {
    proxy.lines({ delayMs: 40, jitterMs: 80, pieceBytes: 700, bytesPerSecond: 400_000 });
    await sleep(1200);
  },
};

export async function run({ dir, random, messages = 240, log }) {
  const relay = new RelayProcess({ dir: `${dir}/relay`, port: await freePort() });
  await relay.start();
  const people = [];
  const proxies = [];
  for (const name of ['ada', 'ben']) {
    const proxy = await FaultProxy.start({ port: relay.port, seed: random.between(1, 2 ** 30) });
    proxies.push(proxy);
    people.push(new Talker({ name, relay: proxy.url, profile: `${dir}/${name}` }));
  }
  const [ada, ben] = people;
  try {
    for (const person of people) await person.chat.start();
    await introduce(ada, ben);
    const names = Object.keys(FAULTS).sort(() => random.next() - 0.5);
    for (const [i, name] of names.entries()) {
      const share = Math.ceil((messages * (i + 1)) / names.length);
      for (const person of people) person.send(person.conversation, share);
      await sleep(random.between(20, 250)); // so that it hits in mid-flight
      const proxy = random.pick(proxies);
      log(`${name} with ${ada.received + ben.received} received`);
      await FAULTS[name](proxy);
      proxy.clear();
    }
    await Promise.all(people.map((person) => person.allStored()));
    await Promise.all([untilRead(ada, ben, messages, 40_000), untilRead(ben, ada, messages, 40_000)]);
    const result = addTallies(await judge(ada, ben), await judge(ben, ada));
    if (result.lost > 0) for (const person of people) log(await standing(person));
    return result;
  } finally {
    for (const person of people) await person.chat.quit();
    for (const proxy of proxies) await proxy.close();
    await relay.stop();
  }
}
