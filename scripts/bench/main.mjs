// `npm run bench`: the numbers of the design, as ratios to baselines of the same run. A new benchmark is one line here.
import { runParts } from '../lib/parts.mjs';

const parts = {
  relay: { script: 'scripts/bench/relay/main.mjs', about: 'the relay beside bare ws, Mosquitto and NATS' },
  storm: {
    script: 'scripts/bench/storm/main.mjs',
    about: 'everyone comes back at once, beside bare ws accepting as many',
  },
  scale: {
    script: 'scripts/bench/scale/main.mjs',
    about: 'what connections, messages, readers and blocks cost; the model of ten million',
  },
  ratchet: {
    script: 'packages/ratchet/bench/main.mjs',
    about: 'sessions beside libsignal, Olm and a JavaScript port',
  },
  rooms: { script: 'scripts/bench/rooms/main.mjs', about: 'rooms of 8 to 200 members, in Node and Chromium' },
  web: { script: 'packages/web/bench/main.mjs', about: 'start, sizes, typing and scrolling in Chromium' },
};

const about = 'Prints each goal beside its figure and its baseline.';
process.exitCode = runParts({ command: 'bench', about, parts, args: process.argv.slice(2) });
