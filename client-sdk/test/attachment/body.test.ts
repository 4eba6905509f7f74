import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bodyOf, detailsOf, safeFileName, safeMediaType } from '../../src/attachment/body.ts';

const spill = {
  relay: '',
  readId: new Uint8Array(24),
  readerSeed: new Uint8Array(32),
  key: new Uint8Array(32),
  length: 5,
  sha256: new Uint8Array(32),
  keptUntil: 1,
};
const said = { kind: 'file' as const, description: '', warning: '', width: 0, height: 0, durationMs: 0 };

test.each([
  ['plan.pdf', 'plan.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\diary.txt', 'diary.txt'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['a\u0000b\u200B.txt', 'ab.txt'],
  ['.hidden', 'hidden'],
  ['con.txt', '_con.txt'],
  ['what?*.png', 'what__.png'],
  ['', 'file'],
  ['...', 'file'],
  [`${'x'.repeat(300)}.jpeg`, `${'x'.repeat(74)}….jpeg`],
])('%j is shown and written as %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe);
});

test('no name hides a path, a direction or its ending', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      const safe = safeFileName(name);
      expect(safe).not.toMatch(/[\\/\p{Cc}\p{Cf}]/u);
      expect(Array.from(safe).length).toBeLessThanOrEqual(80);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
      expect(safe.startsWith('.')).toBe(false);
      expect(safeFileName(safe)).toBe(safe);
    }),
  );
});

test('a type that could carry a script is never a picture or a sound', () => {
  for (const mediaType of ['image/svg+xml', 'text/html', 'IMAGE/PNG; x=<b>', 'nonsense']) {
    const body = bodyOf({ ...said, kind: 'picture', name: 'x', mediaType }, spill);
    const kind = mediaType.startsWith('IMAGE') ? 'picture' : 'file';
    expect(detailsOf(body).kind).toBe(kind);
    // A sender that says otherwise isn't believed.
    expect(detailsOf({ ...body, kind: 1, mediaType }).kind).toBe(kind);
    expect(detailsOf({ ...body, kind: 77 }).kind).toBe('file');
  }
  expect(safeMediaType('text/html;charset=utf-8')).toBe('text/html');
  expect(safeMediaType('a/b/c')).toBe('application/octet-stream');
});
