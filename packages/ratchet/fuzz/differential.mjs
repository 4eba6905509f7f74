// The differential test for as long as one likes: random schedules played in four worlds, ours against libsignal's.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { importTypeScript } from '../tools/bundle.mjs';

const HELP = `node packages/ratchet/fuzz/differential.mjs [options]

Plays random schedules (loss, reordering, duplication, corruption, re-initiation, archiving) in worlds where either or
both sides run @sotto/ratchet; each must tell the story that libsignal tells with itself.

  --minutes N  how long (default 1)
  --seed N     begin with this seed (default: the clock); a failure prints the seed to repeat it
  --json FILE  writes the counts there
  --help
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const RUNS_PER_SEED = 10;
/** After this long, the smallest failing schedule found so far is shown. */
const SHRINK_MS = 120_000;

if (values.help) console.log(HELP);
else {
  const { naming, playEverywhere, schedule } = await importTypeScript(
    new URL('../test/support/schedule.ts', import.meta.url),
  );
  const first = Number(values.seed ?? Date.now() & 0x7fffffff);
  const end = Date.now() + Number(values.minutes) * 60_000;
  const counts = { firstSeed: first, schedules: 0, messages: 0, failed: false };
  const property = fc.asyncProperty(schedule, naming, async (steps, names) => {
    counts.messages += (await playEverywhere(steps, names)).messages;
    counts.schedules++;
  });
  let seed = first;
  try {
    for (; Date.now() < end; seed++)
      await fc.assert(property, {
        numRuns: RUNS_PER_SEED,
        seed,
        interruptAfterTimeLimit: SHRINK_MS,
      });
  } catch (error) {
    counts.failed = true;
    console.error(`seed ${seed}:`, error);
    process.exitCode = 1;
  }
  console.log(
    `${counts.schedules} schedules, ${counts.messages} messages by our engine, seeds ${first} to ${seed - 1}`,
  );
  if (values.json) writeFileSync(values.json, `${JSON.stringify(counts, null, 2)}\n`);
}
