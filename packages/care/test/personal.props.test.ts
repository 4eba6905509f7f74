// Whatever is written, the guard answers with sound places, doesn't care what surrounds a number, and takes time in
// proportion to the text, also for texts made to be slow.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findPersonalDetails } from '../src/index.ts';

const bits = fc.constantFrom(
  ...'0 1 9 ٣ ９ + - . / ( ) @ : # _ a Z é 路 号 Street st rue 12 www. https:// .com insta t.me \u200b \ud835 \udfce'.split(
    ' ',
  ),
  ' ',
  '\n',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(bits, { maxLength: 80 }).map((b) => b.join('')),
);

test('places are in order, inside the text, apart from each other', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      let last = 0;
      for (const { start, end } of findPersonalDetails(text)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(text.length);
        last = end;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the same text gives the same answer', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(findPersonalDetails(text)).toEqual(findPersonalDetails(text));
    }),
  );
});

const words = fc.array(fc.constantFrom('and', 'then', 'I', 'felt', 'así', 'nicht', 'मैं', 'أنا'), {
  maxLength: 6,
});
const mobile = fc.stringMatching(/^\+[1-9][1-8]{10}$/);

test('a number in international form is seen amid any words', () => {
  fc.assert(
    fc.property(words, mobile, words, (before, number, after) => {
      const text = [...before, number, ...after].join(' ');
      const details = findPersonalDetails(text);
      expect(details.map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
        ['phone', number],
      ]);
    }),
  );
});

const slow = [
  '1',
  '1 ',
  '12-',
  '1.',
  '1\u200b',
  '\u200b',
  '(',
  '+',
  '1:',
  '@',
  'a@',
  'a.',
  '@a.',
  '.',
  '-',
  'a',
  '://',
  'a://',
  'www.',
  'http',
  '#',
  'a#1234',
  '#123',
  'insta ',
  'insta: ',
  ': ',
  '1 a ',
  'rue ',
  '1 rue ',
  'Street ',
  '1 Baker ',
  '路',
  '路1',
  'a1 ',
  '丁目',
  'straße ',
  '\ud835\udfce',
  '\ud835',
  '1-1-1-1-',
  ' ',
  '\u202f',
];

test.each(slow)('160,000 units of %j take no longer than in proportion', (unit) => {
  const time = (length: number) => {
    const text = unit.repeat(Math.ceil(length / unit.length));
    const start = performance.now();
    findPersonalDetails(text);
    return performance.now() - start;
  };
  time(2_000); // the code is compiled before it is timed
  const small = Math.max(time(20_000), time(20_000));
  const large = Math.min(time(160_000), time(160_000));
  // Eight times the text: quadratic time would be sixty-four times as long. A floor keeps the clock's noise out.
  expect(large).toBeLessThan(Math.max(200, small * 30));
});
