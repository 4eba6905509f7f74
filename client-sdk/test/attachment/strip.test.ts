// Pictures are cleaned of all that they say about their maker, or refused.
import { deflateSync, crc32 } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanPicture } from '../../src/attachment/strip/strip.ts';

const SECRET = 'Jane Doe, 52.5200 N 13.4050 E';
const secret = Buffer.from(SECRET);
const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxD/2Q==',
  'base64',
);
const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const webp = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}
/** An Exif block with an orientation, and the secret where a place would be. */
function exif(turn: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  tiff[19] = turn;
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, secret]));
}
function withSegments(...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}
function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
const header = chunk('IHDR', Buffer.from('0000000200000003080200000000'.slice(0, 26), 'hex'));
const data = chunk('IDAT', deflateSync(Buffer.alloc(3 * 7)));
function png(...extra: Buffer[]): Buffer {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, header, ...extra, data, chunk('IEND', Buffer.alloc(0))]);
}
function riff(...chunks: [string, Buffer][]): Buffer {
  const parts = chunks.map(([type, body]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  });
  const all = Buffer.concat([Buffer.from('WEBP'), ...parts]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(all.length, 4);
  return Buffer.concat([head, all]);
}
const pixels = webp.subarray(20, 33);
const extended = Buffer.from([0x3c, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const DIRTY: readonly (readonly [string, Buffer, Buffer])[] = [
  ['JPEG, Exif with a place', withSegments(exif(1)), jpeg],
  [
    'JPEG, XMP',
    withSegments(segment(0xe1, Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0'), secret]))),
    jpeg,
  ],
  [
    'JPEG, colour profile',
    withSegments(segment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0'), secret]))),
    jpeg,
  ],
  ['JPEG, IPTC', withSegments(segment(0xed, secret)), jpeg],
  ['JPEG, comment', withSegments(segment(0xfe, secret)), jpeg],
  ['JPEG, a film behind the end', Buffer.concat([jpeg, secret]), jpeg],
  ['PNG, text', png(chunk('tEXt', secret), chunk('iTXt', secret), chunk('zTXt', secret)), png()],
  [
    'PNG, Exif, time, profile',
    png(chunk('eXIf', secret), chunk('tIME', secret), chunk('iCCP', secret)),
    png(),
  ],
  ['PNG, a chunk of somebody', png(chunk('prVt', secret)), png()],
  ['PNG, behind the end', Buffer.concat([png(), secret]), png()],
  [
    'GIF, comment',
    Buffer.concat([
      gif.subarray(0, 19),
      Buffer.from([0x21, 0xfe, secret.length]),
      secret,
      Buffer.alloc(1),
      gif.subarray(19),
    ]),
    gif,
  ],
  [
    'GIF, XMP',
    Buffer.concat([
      gif.subarray(0, 19),
      Buffer.from('21ff0b', 'hex'),
      Buffer.from('XMP DataXMP'),
      Buffer.from([secret.length]),
      secret,
      Buffer.alloc(1),
      gif.subarray(19),
    ]),
    gif,
  ],
  ['GIF, behind the end', Buffer.concat([gif, secret]), gif],
  [
    'WebP, Exif and XMP',
    riff(['VP8X', extended], ['ICCP', secret], ['VP8L', pixels], ['EXIF', secret], ['XMP ', secret]),
    riff(['VP8X', Buffer.from([0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0])], ['VP8L', pixels]),
  ],
  ['WebP, behind the end', Buffer.concat([webp, secret]), riff(['VP8L', pixels])],
];

test.each(DIRTY)('%s: nothing of it is left, the pixels are untouched', (_name, dirty, clean) => {
  expect(dirty.includes(SECRET)).toBe(true);
  const { bytes } = cleanPicture(dirty);
  expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
  expect(Buffer.from(bytes)).toEqual(Buffer.from(cleanPicture(clean).bytes));
  expect(cleanPicture(bytes).bytes).toEqual(bytes);
});

test('pixels and tables stay byte for byte', () => {
  const scan = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xdb])));
  expect(Buffer.from(cleanPicture(jpeg).bytes).subarray(-scan.length)).toEqual(scan);
  expect(Buffer.from(cleanPicture(png()).bytes)).toEqual(png());
  expect(Buffer.from(cleanPicture(gif).bytes)).toEqual(gif);
  expect(cleanPicture(png())).toMatchObject({ mediaType: 'image/png', width: 2, height: 3 });
  expect(cleanPicture(webp)).toMatchObject({ mediaType: 'image/webp', width: 1, height: 1 });
});

test('a picture that lies on its side stays so, and only that is said', () => {
  const { bytes } = cleanPicture(withSegments(exif(6)));
  const kept = Buffer.from(bytes);
  expect(kept.includes(SECRET)).toBe(false);
  expect(kept.includes('Exif')).toBe(true);
  expect(kept.length).toBe(cleanPicture(jpeg).bytes.length + 36);
  expect(Buffer.from(cleanPicture(withSegments(exif(99))).bytes).includes('Exif')).toBe(false);
});

test('what is cut short, or is nothing of the kind, is refused', () => {
  const whole = [jpeg, gif, png(), riff(['VP8X', extended], ['VP8L', pixels])];
  const refused = expect.objectContaining({ code: 'FILE_METADATA' });
  for (const picture of whole) {
    for (let length = 0; length < picture.length; length++) {
      expect(() => cleanPicture(picture.subarray(0, length))).toThrow(refused);
    }
  }
  expect(() => cleanPicture(Buffer.from('<svg onload="x">'))).toThrow(refused);
  const critical = png(chunk('ABCD', secret));
  expect(() => cleanPicture(critical)).toThrow(refused);
});

test('any bytes are cleaned or refused, never anything else', () => {
  const base = fc.constantFrom(jpeg, gif, webp, png(chunk('tEXt', secret)));
  const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(base, changes, (picture, edits) => {
      const broken = Buffer.from(picture);
      for (const [at, byte] of edits) broken[at % broken.length] = byte;
      try {
        const { bytes } = cleanPicture(broken);
        expect(cleanPicture(bytes).bytes).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'FILE_METADATA' });
      }
    }),
    { numRuns: 2_000 },
  );
});
