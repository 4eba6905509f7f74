// `npm run fuzz`: the packages' fuzzers. A new one is one line here.
import { runParts } from '../lib/parts.mjs';

const parts = {
  wire: { script: 'packages/wire/fuzz/main.mjs', about: 'frames, links and promises, by mutation' },
  ratchet: {
    script: 'packages/ratchet/fuzz/main.mjs',
    about: 'every parser of the ratchet, guided by coverage',
  },
};

const about = 'Feeds the parsers damaged bytes; ends with 1 at a crash, a hang or a broken promise.';
process.exitCode = runParts({ command: 'fuzz', about, parts, args: process.argv.slice(2) });
