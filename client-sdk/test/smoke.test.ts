import { expect, test } from '@jest/globals';
import fc from 'fast-check';

test('runs', () => {
  fc.assert(fc.property(fc.integer(), (n) => Number.isInteger(n)));
  expect(1).toBe(1);
});
