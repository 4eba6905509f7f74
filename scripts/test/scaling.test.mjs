// The model behind docs/scaling.md: a simulation of queues agrees with its arithmetic, would not agree with a wrong
// one, and the page says what the model says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { COSTS, PEOPLE, plan } from '../bench/scale/model.mjs';
import { Core, play, simulate } from '../bench/scale/simulate.mjs';
import { repoRoot } from '../lib/repo.mjs';

const judged = (sized, costs = COSTS, people = PEOPLE) =>
  Object.fromEntries(simulate({ people, costs, sized }).map(({ what, holds }) => [what, holds]));

test('the simulation agrees with the model, for these people and for busier ones', () => {
  const busier = { ...PEOPLE, messagesAnHour: 300, sessionSeconds: 240, channels: 20 };
  for (const people of [PEOPLE, busier])
    expect(judged(plan(people, COSTS), COSTS, people)).toEqual({
      load: true,
      'twice the processes': true,
      'hot rooms': true,
      'a process dies': true,
      'a primary fails over': true,
    });
});

test('a model that is wrong is caught', () => {
  const sized = plan(PEOPLE, COSTS);
  expect(judged({ ...sized, relayCores: sized.relayCores * 1.3 }).load).toBe(false);
  // As many processes as the work alone would need: queues that grow without end.
  const busier = { ...PEOPLE, messagesAnHour: 3000 };
  const tight = plan(busier, COSTS);
  expect(judged({ ...tight, processes: Math.floor(tight.relayCores * 0.9) }, COSTS, busier).load).toBe(false);
});

test('a core does all it is given and not more than it can, and those of a dead process all come back', () => {
  const core = new Core();
  core.give(2.5);
  for (let second = 0; second < 4; second++) core.pass();
  expect([core.worked, core.backlog, core.seconds]).toEqual([2.5, 0, 4]);
  const rates = { connects: 0, messages: 0, roomMessages: 0, deliveries: 0, connectMicros: 1000 };
  const world = play({
    ...{ processes: 3, shards: 3, rates, costs: COSTS, channels: 5, seconds: 60 },
    at(second, state) {
      if (second !== 10) return;
      state.relays[0].isUp = false;
      state.returning = 10_000;
    },
  });
  expect(world.returned).toBe(10_000);
  // Two cores at a thousand a second each.
  expect(world.lastReturn - 10 + 1).toBe(5);
});

test('docs/scaling.md says what the model says', () => {
  const page = readFileSync(join(repoRoot, 'docs/scaling.md'), 'utf8').replace(/\s+/g, ' ');
  expect(page).toContain(plan(PEOPLE, COSTS).summary);
});
