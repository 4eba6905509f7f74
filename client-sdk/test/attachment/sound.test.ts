// Sound files are cleaned of all that they say about their maker, or refused.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanSound } from '../../src/attachment/strip/sound.ts';

const SECRET = 'Jane Doe, 52.5200 N 13.4050 E';
const secret = Buffer.from(SECRET);
const NAMES = Buffer.concat([Buffer.from('LAME3.100 '), secret]);

function riff(...chunks: [string, Buffer][]): Buffer {
  const parts = chunks.map(([type, body]) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  });
  const all = Buffer.concat([Buffer.from('WAVE'), ...parts]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(all.length, 4);
  return Buffer.concat([head, all]);
}
/** 16 bit, 8,000 a second, one channel. */
const format = Buffer.from('0100010040 1f0000803e000002001000'.replace(' ', ''), 'hex');
const samples = Buffer.alloc(8_000, 3);
const wave = riff(['fmt ', format], ['data', samples]);

/** MPEG 1, layer III, 128 kbit/s, 44,100 a second, one channel. */
function frame(inside = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(417, 7);
  bytes.writeUInt32BE(0xfffb90c0);
  bytes.fill(0, 4, 21);
  inside.copy(bytes, 21);
  return bytes;
}
const mp3 = Buffer.concat(Array.from({ length: 40 }, () => frame()));
function id3(body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, body.length >> 7, body.length & 127]),
    body,
  ]);
}
const id3v1 = Buffer.concat([Buffer.from('TAG'), secret, Buffer.alloc(125 - secret.length)]);
const xing = frame(Buffer.concat([Buffer.from('Xing'), NAMES]));

function block(type: number, body: Buffer, last = false): Buffer {
  return Buffer.concat([
    Buffer.from([type | (last ? 0x80 : 0), 0, body.length >> 8, body.length & 255]),
    body,
  ]);
}
const info = Buffer.alloc(34);
info.writeUIntBE((44_100 << 4) | 1, 10, 3);
info.writeUInt32BE(88_200, 14);
const sound = Buffer.concat([Buffer.from([0xff, 0xf8]), Buffer.alloc(500, 5)]);
const flac = (...blocks: Buffer[]): Buffer => Buffer.concat([Buffer.from('fLaC'), ...blocks, sound]);
const cleanFlac = flac(block(0, info, true));

const DIRTY: readonly (readonly [string, Buffer, Buffer, object])[] = [
  [
    'WAVE',
    riff(['LIST', NAMES], ['fmt ', format], ['bext', secret], ['data', samples], ['id3 ', secret]),
    wave,
    { mediaType: 'audio/wav', durationMs: 500 },
  ],
  [
    'WAVE, more behind the end',
    Buffer.concat([wave, secret]),
    wave,
    { mediaType: 'audio/wav', durationMs: 500 },
  ],
  [
    'MP3, ID3v2 and v1',
    Buffer.concat([id3(NAMES), mp3, id3v1]),
    mp3,
    { mediaType: 'audio/mpeg', durationMs: 1_045 },
  ],
  [
    'MP3, two tags, its maker, APE',
    Buffer.concat([id3(secret), id3(NAMES), xing, mp3, Buffer.from('APETAGEX'), secret]),
    mp3,
    { mediaType: 'audio/mpeg', durationMs: 1_045 },
  ],
  [
    'MP3, cut in its last frame',
    Buffer.concat([id3(NAMES), mp3, frame().subarray(0, 100)]),
    mp3,
    { mediaType: 'audio/mpeg', durationMs: 1_045 },
  ],
  [
    'FLAC, comments and a cover',
    flac(block(0, info), block(4, NAMES), block(6, secret, true)),
    cleanFlac,
    { mediaType: 'audio/flac', durationMs: 2_000 },
  ],
  [
    'FLAC, tags around',
    Buffer.concat([id3(NAMES), cleanFlac, id3v1]),
    cleanFlac,
    { mediaType: 'audio/flac', durationMs: 2_000 },
  ],
];

test.each(DIRTY)('%s: nothing of it is left, the sound is untouched', (_name, dirty, clean, facts) => {
  expect(dirty.includes(secret)).toBe(true);
  const done = cleanSound(dirty);
  expect(Buffer.compare(done.bytes, clean)).toBe(0);
  expect(done).toMatchObject(facts);
  expect(Buffer.compare(cleanSound(done.bytes).bytes, clean)).toBe(0);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a text', secret],
  ['Ogg', Buffer.concat([Buffer.from('OggS'), Buffer.alloc(100)])],
  ['MP4', Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from('ftypM4A '), Buffer.alloc(100)])],
  ['WAVE without sound', riff(['fmt ', format])],
  ['WAVE of an odd format', riff(['fmt ', Buffer.from(format).fill(0x55, 0, 2)], ['data', samples])],
  ['WAVE that is shorter than it says', wave.subarray(0, -1)],
  ['a tag with nothing behind it', id3(NAMES)],
  ['a tag longer than the file', id3(NAMES).subarray(0, 20)],
  ['two frames only', Buffer.concat([frame(), frame()])],
  ['frames with something between them', Buffer.concat([mp3, secret, mp3])],
  ['FLAC that begins with a comment', flac(block(4, NAMES), block(0, info, true))],
  ['FLAC without frames', Buffer.concat([Buffer.from('fLaC'), block(0, info, true)])],
])('refused: %s', (_name, bytes) => {
  expect(() => cleanSound(bytes)).toThrow(expect.objectContaining({ code: 'FILE_METADATA' }));
});

test('any bytes are cleaned or refused, never anything else', () => {
  const starts = ['RIFF', 'fLaC', 'ID3\u0004', '\u00ff\u00fb\u0090\u00c0', ''].map((word) =>
    Buffer.from(word, 'latin1'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), (start, rest) => {
      try {
        cleanSound(Buffer.concat([start, rest]));
      } catch (error) {
        expect(error).toMatchObject({ code: 'FILE_METADATA' });
      }
    }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...DIRTY),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      ([, dirty], at, by) => {
        const damaged = Buffer.from(dirty);
        damaged[at % damaged.length]! ^= by;
        try {
          cleanSound(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: 'FILE_METADATA' });
        }
      },
    ),
  );
});
