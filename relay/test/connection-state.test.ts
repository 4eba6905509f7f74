// What is kept of each of very many connections, small as it is, behaves as its plain form would.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HandleTable } from '../src/connection/handle-table.ts';
import { Rate, UNUSED } from '../src/connection/rate.ts';
import { LazyMap } from '../src/store/embedded/lazy-map.ts';

test('a rate gives its burst at once, then one at a time, and never more than its burst after a rest', () => {
  const rate = new Rate(10, 5);
  let state = UNUSED;
  let nowMs = 1000;
  const taken = (): number => {
    let count = 0;
    while (rate.waitMs(state, nowMs) === 0) {
      state = rate.take(state, nowMs);
      count++;
    }
    return count;
  };
  expect(taken()).toBe(5);
  expect(rate.waitMs(state, nowMs)).toBe(100);
  nowMs += 99;
  expect(taken()).toBe(0);
  nowMs += 1;
  expect(taken()).toBe(1);
  nowMs += 1_000_000;
  expect(taken()).toBe(5);
});

test('who takes what is not there owes it, and owes nothing once the time has passed', () => {
  const rate = new Rate(1000, 10);
  let state = UNUSED;
  for (let i = 0; i < 10; i++) state = rate.take(state, 0);
  expect(rate.owed(state, 0)).toBe(0);
  for (let i = 0; i < 30; i++) state = rate.take(state, 0);
  expect(rate.owed(state, 0)).toBeCloseTo(30);
  expect(rate.owed(state, 30)).toBe(0);
  expect(rate.waitMs(state, 30)).toBe(1);
});

const operation = fc.tuple(fc.constantFrom('set', 'delete', 'get'), fc.integer({ min: 1, max: 5 }));

test('a handle table holds what a Map would', () => {
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const table = new HandleTable();
      const map = new Map<number, { gone: 'UNKNOWN'; at: number }>();
      operations.forEach(([what, number], at) => {
        const entry = { gone: 'UNKNOWN' as const, at };
        if (what === 'set') {
          table.set(number, entry);
          map.set(number, entry);
        }
        if (what === 'delete') {
          table.delete(number);
          map.delete(number);
        }
        for (let n = 0; n <= 5; n++) expect(table.get(n)).toBe(map.get(n));
        expect(table.size).toBe(map.size);
      });
    }),
  );
});

test('a lazy map holds what a Map would', () => {
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const lazy = new LazyMap<number, number>();
      const map = new Map<number, number>();
      operations.forEach(([what, key], at) => {
        if (what === 'set') {
          lazy.set(key, at);
          map.set(key, at);
        }
        if (what === 'delete') {
          lazy.delete(key);
          map.delete(key);
        }
        expect([...lazy]).toEqual([...map]);
        expect([...lazy.values()]).toEqual([...map.values()]);
        expect(lazy.size).toBe(map.size);
      });
    }),
  );
});
