// The breathing exercise: each moment falls into the right phase, from the first to the one after the last.

import { expect, test } from '@jest/globals';
import { breathing, CARE_MESSAGE_KEYS, exerciseMs, phaseAt, reducedMotion } from '../src/index.ts';

const kind = (ms: number) => {
  const moment = phaseAt(ms);
  return moment.done ? 'done' : `${moment.cycle} ${moment.phase.kind} ${moment.secondsLeft}`;
};

test('phases follow each other to the millisecond', () => {
  expect([-5, 0, 3999, 4000, 5999, 6000, 11_999, 12_000, 13_999].map(kind)).toEqual([
    '1 inhale 4',
    '1 inhale 4',
    '1 inhale 1',
    '1 hold 2',
    '1 hold 1',
    '1 exhale 6',
    '1 exhale 1',
    '1 rest 2',
    '1 rest 1',
  ]);
  expect([14_000, 83_999, 84_000, Number.POSITIVE_INFINITY].map(kind)).toEqual([
    '2 inhale 4',
    '6 rest 1',
    'done',
    'done',
  ]);
  expect(exerciseMs(breathing)).toBe(84_000);
  expect(kind(Number.NaN)).toBe('1 inhale 4');
});

test('the shape moves without a jump', () => {
  let last = 0;
  for (let ms = 0; ms < exerciseMs(breathing); ms += 10) {
    const moment = phaseAt(ms);
    if (moment.done) throw new Error('ended too early');
    expect(Math.abs(moment.scale - last)).toBeLessThan(0.01);
    last = moment.scale;
  }
});

test('each phase has a word, and reduced motion keeps still', () => {
  for (const { key } of breathing.phases) expect(CARE_MESSAGE_KEYS).toContain(key);
  expect(reducedMotion).toEqual({ scale: 0.5, countdown: true, announce: 'each-phase', fadeMs: 0 });
});

test.each([
  [{ phases: [], cycles: 1 }],
  [{ ...breathing, cycles: 0 }],
  [{ ...breathing, cycles: 1.5 }],
  [{ ...breathing, phases: [{ ...breathing.phases[0]!, seconds: 0 }] }],
])('an exercise that could not end or begin is refused', (exercise) => {
  expect(() => phaseAt(0, exercise)).toThrow(expect.objectContaining({ code: 'CARE_BREATHING' }));
});
