import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { contentCodec, decodeBody, encodeBody, type Body, type Content } from '../../src/content/content.ts';
import { type Packet, packetCodec } from '../../src/content/packet.ts';
import { hasCode } from '../../src/errors.ts';
import { MAX_SPILL_BYTES } from '../../src/spill/ref.ts';

const source = readFileSync(new URL('../../src/content/content.proto', import.meta.url), 'utf8');
const schema = protobuf.parse(source).root;
const theirs = (name: string) => schema.lookupType(`sotto.client.v1.${name}`);

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
const content: fc.Arbitrary<Content> = fc
  .record({
    version: fc.constant(1),
    id: exactly(16),
    stream: exactly(8),
    sequence: uint32,
    at: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    type: fc.integer({ min: 1, max: 9 }),
    parts: fc.integer({ min: 1, max: 16 }),
    timerSeconds: fc.oneof(fc.constant(0), uint32),
    body: fc.uint8Array({ maxLength: 200 }),
  })
  .chain((made) => fc.integer({ min: 0, max: made.parts - 1 }).map((part) => ({ ...made, part })));
const packet: fc.Arbitrary<Packet> = fc.record(
  {
    content,
    restart: fc.record({ cause: fc.integer({ min: 1, max: 9 }) }),
    hello: fc.record(
      {
        name: fc.string({ maxLength: 16 }),
        writerKey: exactly(32),
        keys: fc.record({ toInviter: exactly(32), toAccepter: exactly(32) }),
        address: fc.record(
          {
            relay: fc.constantFrom('', 'https://relay.example'),
            relayKey: exactly(32),
            writeId: exactly(24),
            writerSeed: exactly(32),
          },
          { requiredKeys: ['relay', 'writeId', 'writerSeed'] },
        ),
      },
      { requiredKeys: ['name'] },
    ),
  },
  { requiredKeys: ['content'] },
);

test('every packet survives, in its only form', () => {
  fc.assert(
    fc.property(packet, (value) => {
      const bytes = packetCodec.encode(value);
      const read = packetCodec.decode(bytes);
      expect(read).toEqual(value);
      expect(packetCodec.encode(read)).toEqual(bytes);
    }),
  );
});

test('the bytes are those of content.proto: a stock Protocol Buffers library reads and writes the same', () => {
  fc.assert(
    fc.property(packet, (value) => {
      const bytes = packetCodec.encode(value);
      const type = theirs('Packet');
      expect(Uint8Array.from(type.encode(type.decode(bytes)).finish())).toEqual(bytes);
    }),
    { numRuns: 200 },
  );
});

const words = fc.string({ minLength: 1, maxLength: 40 });
const spill = {
  readId: exactly(24),
  readerSeed: exactly(32),
  key: exactly(32),
  length: fc.integer({ min: 1, max: MAX_SPILL_BYTES }),
  sha256: exactly(32),
  keptUntil: uint32,
};
const bodies: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: words, warning: words, replyTo: exactly(16) }),
  fc.record({ type: fc.constant('text' as const), text: words, warning: fc.constant('') }),
  fc.record({
    type: fc.constant('reaction' as const),
    target: exactly(16),
    reaction: fc.integer({ min: 1, max: 5 }),
    removed: fc.boolean(),
  }),
  fc.record({ type: fc.constant('edit' as const), target: exactly(16), text: words }),
  fc.record({ type: fc.constant('retract' as const), target: exactly(16) }),
  fc.record({ type: fc.constant('timer' as const), seconds: uint32 }),
  fc.record({
    type: fc.constant('control' as const),
    renewedKey: exactly(32),
    retired: fc.boolean(),
    left: fc.boolean(),
    name: words,
  }),
  fc.record(
    {
      type: fc.constant('attachment' as const),
      spill: fc.oneof(
        fc.record({ relay: fc.constant(''), ...spill, ownerSeed: exactly(32) }),
        fc.record({ relay: words, relayKey: exactly(32), ...spill }),
      ),
      kind: uint32,
      mediaType: words,
      name: words,
      warning: fc.constant(''),
      description: words,
      preview: fc.uint8Array({ minLength: 1, maxLength: 2_048 }),
      width: fc.integer({ min: 0, max: 65_535 }),
      height: fc.integer({ min: 0, max: 65_535 }),
      durationMs: fc.oneof(fc.constant(0), uint32),
    },
    {
      requiredKeys: [
        'type',
        'spill',
        'kind',
        'mediaType',
        'name',
        'warning',
        'description',
        'width',
        'height',
        'durationMs',
      ],
    },
  ),
);
const MESSAGE_NAMES = {
  text: 'Text',
  reaction: 'Reaction',
  edit: 'Edit',
  retract: 'Retract',
  attachment: 'Attachment',
  timer: 'Timer',
  control: 'Control',
} as const;

test('every type of body survives, and is what content.proto says', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(bodies, (body) => {
      seen.add(body.type);
      const { type, bytes } = encodeBody(body);
      expect(decodeBody(1, type, bytes)).toEqual(body);
      const stock = theirs(MESSAGE_NAMES[body.type]);
      expect(Uint8Array.from(stock.encode(stock.decode(bytes)).finish())).toEqual(bytes);
    }),
    { numRuns: 500 },
  );
  expect([...seen].sort()).toEqual(Object.keys(MESSAGE_NAMES).sort());
});

test('any bytes are read or refused, and what is read has this one form', () => {
  const refused = (error: unknown): boolean =>
    hasCode(error, 'CONTENT_MALFORMED') || hasCode(error, 'CRYPTO_ENCODING');
  const look = (bytes: Uint8Array): void => {
    let read: Packet;
    try {
      read = packetCodec.decode(bytes);
    } catch (error) {
      if (!refused(error)) throw error;
      return;
    }
    expect(packetCodec.encode(read)).toEqual(bytes);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), look), { numRuns: 2_000 });
  fc.assert(
    fc.property(packet, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
      const bytes = packetCodec.encode(value);
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ flip;
      look(bytes);
      look(bytes.subarray(0, index));
    }),
    { numRuns: 2_000 },
  );
});

test('newer versions and unknown types are kept, malformed ones refused', () => {
  const { type, bytes } = encodeBody({ type: 'text', text: 'hi', warning: '' });
  expect(decodeBody(2, type, bytes)).toEqual({ type: 'unsupported', number: type });
  expect(decodeBody(1, 77, bytes)).toEqual({ type: 'unsupported', number: 77 });
  expect(() => decodeBody(1, type, Uint8Array.of(255))).toThrow();
  const base: Content = {
    version: 1,
    id: new Uint8Array(16).fill(1),
    stream: new Uint8Array(8).fill(2),
    sequence: 1,
    at: 0,
    type: 1,
    part: 0,
    parts: 1,
    timerSeconds: 0,
    body: new Uint8Array(0),
  };
  expect(contentCodec.decode(contentCodec.encode(base))).toEqual(base);
  for (const wrong of [{ sequence: 0 }, { parts: 0 }, { part: 1 }, { type: 0 }, { version: 0 }]) {
    expect(() => contentCodec.decode(contentCodec.encode({ ...base, ...wrong }))).toThrow();
  }
  expect(() => contentCodec.encode({ ...base, parts: 17 })).toThrow();
});
