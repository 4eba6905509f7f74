// Random schedules of sending, loss, reordering, duplication, corruption, re-initiation and archiving: our engine must
// say to every message what libsignal says. A failure prints the seed and the shrunk schedule.
// `node packages/ratchet/differential/main.mjs --minutes N` plays on for longer.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { naming, playEverywhere, schedule } from './support/schedule.ts';

const RUNS = 40;
const LEAST_MESSAGES = 20_000;

test('every verdict is libsignal’s, over at least 20,000 messages', async () => {
  let messages = 0;
  let runs = 0;
  const property = fc.asyncProperty(schedule, naming, async (steps, names) => {
    messages += (await playEverywhere(steps, names)).messages;
    runs++;
  });
  const seed = Number(process.env['SOTTO_SEED'] ?? Date.now() & 0x7fffffff);
  console.log(`differential seed ${seed}`);
  while (messages < LEAST_MESSAGES)
    await fc.assert(property, {
      numRuns: RUNS,
      seed: seed + runs,
      // Shrinking a long schedule may take longer than the test has: then the smallest so far is shown
      interruptAfterTimeLimit: 60_000,
    });
  expect(messages).toBeGreaterThanOrEqual(LEAST_MESSAGES);
}, 600_000);
