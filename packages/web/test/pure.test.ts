// The parts of the page that need no browser: addresses in texts, chunks of a history.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MessageView } from '../src/backend/backend.ts';
import { dateLocale } from '../src/i18n/date-locale.ts';
import { partsOf } from '../src/components/text-parts.ts';
import { CHUNK, makeChunker } from '../src/components/thread-chunks.ts';

test.each([
  ['see https://example.org/a?b=c.', ['https://example.org/a?b=c']],
  ['(http://example.org) and https://b.example!', ['http://example.org', 'https://b.example']],
  ['javascript:alert(1) and example.org', []],
])('addresses in %p', (text, addresses) => {
  expect(partsOf(text).flatMap((part) => (part.address ? [part.text] : []))).toEqual(addresses);
});

test('parts joined again are the text, and an address is never anything but http', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.webUrl(), (text, url) => {
      for (const said of [text, `${text} ${url} ${text}`]) {
        const parts = partsOf(said);
        expect(parts.map((part) => part.text).join('')).toBe(said);
        for (const { text: part, address } of parts) if (address) expect(part).toMatch(/^https?:\/\//i);
      }
    }),
  );
});

const message = (n: number): MessageView => ({
  id: `m${n}`,
  mine: false,
  at: n,
  order: n,
  kind: 'text',
  text: '',
  reactions: [],
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => message(from + i));

test('chunks keep their borders while pages are added before and messages after', () => {
  const chunk = makeChunker();
  const first = chunk(range(1_000, 1_050));
  const wider = chunk(range(900, 1_060));
  const keyOf = (chunks: typeof first, id: string) =>
    chunks.find(({ messages }) => messages.some((one) => one.id === id))?.key;
  for (let n = 1_000; n < 1_050; n++) expect(keyOf(wider, `m${n}`)).toBe(keyOf(first, `m${n}`));
  expect(wider.flatMap(({ messages }) => messages).map(({ order }) => order)).toEqual(
    range(900, 1_060).map(({ order }) => order),
  );
});

test('whatever comes in, every message is in exactly one chunk, in order, and no chunk is too large', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ before: fc.nat(80), after: fc.nat(80), drop: fc.boolean() }), { maxLength: 8 }),
      (steps) => {
        const chunk = makeChunker();
        let [from, to] = [10_000, 10_020];
        for (const { before, after, drop } of steps) {
          from -= before;
          to += after;
          const messages = range(from, to).filter(({ order }) => !drop || order % 7 !== 0);
          const chunks = chunk(messages);
          expect(chunks.flatMap((one) => one.messages)).toEqual(messages);
          expect(new Set(chunks.map(({ key }) => key)).size).toBe(chunks.length);
          // One that comes back in between shares its neighbour's place: a chunk may grow by what was gone.
          for (const one of chunks) expect(one.messages.length).toBeLessThanOrEqual(2 * CHUNK);
        }
      },
    ),
  );
});

test.each([
  ['en', ['en-GB', 'de'], 'en-GB', '23 November 2026'],
  ['en', ['de-DE', 'en-US'], 'en-US', 'November 23, 2026'],
  ['ar', ['ar-EG'], 'ar-EG', '23 نوفمبر 2026'],
  ['zh-Hans', ['zh-CN'], 'zh-CN', '2026年11月23日'],
  ['fr', ['de-DE'], 'fr', '23 novembre 2026'],
  ['de', ['not a tag', 'de'], 'de', '23. November 2026'],
])('dates in %s on a device of %p are those of %s', (shown, wanted, region, written) => {
  const locale = dateLocale(shown, wanted);
  expect(locale.replace('-u-nu-latn', '')).toBe(region);
  expect(new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(2026, 10, 23))).toBe(written);
});
