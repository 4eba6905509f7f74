// What of a room travels or is shown before anyone is in: card, blocks, packets, controls, links, pseudonyms. Examples,
// boundaries and properties; no network.
import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  boxKeyOfVerifyKey,
  boxPairOfSigningPair,
  openBox,
  randomBytes,
  randomKey,
  ready,
  sealToBox,
  signingKeyPair,
  toHex,
} from '../../src/crypto/index.ts';
import { blockKeyOf, MAX_PACKET_BYTES, openBlock, sealBlock } from '../../src/room/block.ts';
import { DEFAULT_CARD, openCard, signCard } from '../../src/room/card.ts';
import { decodeControl, decodePrivate, encodeControl } from '../../src/room/control.ts';
import { doorLink, openLink, parseRoomLink } from '../../src/room/link.ts';
import { decodePacket, divide, type Packet, packetCodec, unite } from '../../src/room/packet.ts';
import { pseudonymOf, roomIdOf } from '../../src/room/pseudonym.ts';
import { DOORS, type RoomCardInput, UNHOSTED } from '../../src/room/types.ts';

beforeAll(ready);

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code?: string }).code ?? 'none';
  }
  return 'accepted';
};
const words = (max: number) => fc.string({ unit: 'grapheme-ascii', maxLength: max });
const cards: fc.Arbitrary<RoomCardInput> = fc.record({
  title: fc.constantFrom('Quiet evenings', 'ä ö ü 夜'),
  topic: words(40),
  focus: words(600),
  rules: fc.array(fc.constantFrom('Be kind.', 'No advice unless asked.'), { maxLength: 12 }),
  host: words(64),
  hours: words(120),
  language: fc.constantFrom('en', 'pt-BR'),
  retentionHours: fc.integer({ min: 1, max: 744 }),
  door: fc.constantFrom(...DOORS),
  postQuantum: fc.boolean(),
  places: fc.integer({ min: 2, max: 200 }),
  unhostedAfterMinutes: fc.integer({ min: 0, max: 10_080 }),
  unhosted: fc.constantFrom(...UNHOSTED),
  slowSeconds: fc.integer({ min: 1, max: 3_600 }),
  newcomerMinutes: fc.integer({ min: 0, max: 1_440 }),
  files: fc.boolean(),
});

test('a card is what was signed; another key, another hash or one changed bit is refused alike', () => {
  const pair = signingKeyPair(randomKey('signing-seed'));
  fc.assert(
    fc.property(cards, fc.integer({ min: 1, max: 0xffff_ffff }), fc.nat(), (input, revision, at) => {
      const made = signCard(input, revision, pair);
      const read = openCard(made.bytes, { roomKey: pair.publicKey, hash: made.hash });
      expect(read.card).toEqual({ ...DEFAULT_CARD, ...input, revision });
      const damaged = made.bytes.slice();
      damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) ^ 1;
      expect(codeOf(() => openCard(damaged, { roomKey: pair.publicKey }))).toBe('ROOM_CARD_BAD');
      expect(codeOf(() => openCard(made.bytes, { roomKey: pair.publicKey, hash: randomBytes(32) }))).toBe(
        'ROOM_CARD_BAD',
      );
    }),
    { numRuns: 60 },
  );
  const other = signingKeyPair(randomKey('signing-seed'));
  const forged = signCard({ title: 'The same' }, 1, other);
  expect(codeOf(() => openCard(forged.bytes, { roomKey: pair.publicKey }))).toBe('ROOM_CARD_BAD');
});

test('cards that can not be are not signed', () => {
  const pair = signingKeyPair(randomKey('signing-seed'));
  const wrong: Partial<RoomCardInput>[] = [
    { title: ' ' },
    { title: 'x'.repeat(81) },
    { places: 1 },
    { places: 201 },
    { rules: [''] },
    { rules: Array.from({ length: 13 }, () => 'x') },
    { focus: 'x'.repeat(601) },
    { retentionHours: 0 },
    { slowSeconds: 0 },
    { door: 'window' as 'open' },
  ];
  for (const fields of wrong)
    expect(codeOf(() => signCard({ title: 'A room', ...fields }, 1, pair))).toBe('ROOM_CARD_BAD');
  expect(signCard({ title: 'x'.repeat(80), places: 200, focus: 'x'.repeat(600) }, 1, pair).card.places).toBe(
    200,
  );
});

test('a block opens to its packet under its key, and to nothing otherwise', () => {
  const key = blockKeyOf(randomBytes(32));
  for (const length of [0, 1, MAX_PACKET_BYTES - 1, MAX_PACKET_BYTES]) {
    const packet = randomBytes(length);
    const block = sealBlock(key, packet);
    expect(block.length).toBe(3_968);
    expect(openBlock(key, block)).toEqual(packet);
    expect(openBlock(blockKeyOf(randomBytes(32)), block)).toBeUndefined();
  }
  expect(codeOf(() => sealBlock(key, randomBytes(MAX_PACKET_BYTES + 1)))).toBe('ENVELOPE_TOO_LONG');
  expect(openBlock(key, randomBytes(3_968))).toBeUndefined();
  expect(openBlock(key, randomBytes(3_967))).toBeUndefined();
});

test('what does not fit into a block is divided, and only what belongs together is put together', () => {
  fc.assert(
    fc.property(
      fc.record({
        commit: fc.nat(6_000),
        state: fc.nat(20_000),
        card: fc.nat(2_000),
        access: fc.boolean(),
      }),
      (sizes) => {
        const packet: Packet = {
          kind: 2,
          commit: randomBytes(sizes.commit + 1),
          state: randomBytes(sizes.state + 1),
          card: randomBytes(sizes.card + 1),
          ...(sizes.access ? { access: { readId: randomBytes(24), readerSeed: randomBytes(32) } } : {}),
        };
        const { head, rest } = divide(packet, MAX_PACKET_BYTES);
        const ref = { relay: '', readId: randomBytes(24), readerSeed: randomBytes(32), key: randomBytes(32) };
        const named = { ...ref, length: 9, keptUntil: 1, sha256: randomBytes(32) };
        const whole = rest === undefined ? head : { ...head, rest: named };
        expect(packetCodec.encode(whole).length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
        expect(unite(whole, rest)).toEqual(packet);
        if (rest === undefined) return;
        expect(unite(whole, undefined)).toBeUndefined();
        expect(unite({ ...whole, ...rest }, rest)).toBeUndefined();
        expect(unite(whole, { ...rest, kind: 3 })).toBeUndefined();
        if (sizes.commit < 3_000) expect(head.commit).toEqual(packet.commit);
      },
    ),
    { numRuns: 60 },
  );
});

test('arbitrary bytes are no packet, no control and no private paper, and nothing hangs on them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (input) => {
      const packet = decodePacket(input);
      if (packet !== undefined) expect(packetCodec.encode(packet)).toEqual(input);
      for (const decode of [decodeControl, decodePrivate]) {
        const code = codeOf(() => decode(input));
        expect(['accepted', 'CONTENT_MALFORMED', 'CRYPTO_ENCODING']).toContain(code);
      }
    }),
  );
  expect(codeOf(() => decodeControl(encodeControl({})))).toBe('CONTENT_MALFORMED');
  expect(codeOf(() => decodeControl(encodeControl({ hail: true, left: true })))).toBe('CONTENT_MALFORMED');
  expect(decodeControl(encodeControl({ hail: true })).hail).toBe(true);
});

test('links lead to a room or its door, and other links do not', () => {
  const pin = { relay: 'https://relay.example', relayKey: randomBytes(32) };
  const roomKey = signingKeyPair(randomKey('signing-seed')).publicKey;
  const common = { pin, writeId: randomBytes(24), roomKey, origin: 'https://chat.example' };
  const open = openLink({ ...common, joinerSeed: randomBytes(32), roomSecret: randomBytes(32) });
  const door = doorLink({ ...common, writerSeed: randomBytes(32), secret: randomBytes(32) });
  expect(parseRoomLink(open).kind).toBe('room');
  expect(parseRoomLink(door).kind).toBe('door');
  expect(codeOf(() => parseRoomLink('https://chat.example/#AAAA'))).toBe('WIRE_LINK_INVALID');
});

test('a pseudonym is the same in one room for ever, and another in every other room and for every other persona', () => {
  const rooms = [randomBytes(32), randomBytes(32)].map(roomIdOf);
  const seeds = [randomBytes(32), randomBytes(32)];
  const all = seeds.flatMap((seed) => rooms.map((room) => toHex(pseudonymOf(seed, room).publicKey)));
  expect(new Set(all).size).toBe(4);
  expect(toHex(pseudonymOf(seeds[0] as Uint8Array, rooms[0] as Uint8Array).publicKey)).toBe(all[0]);
});

test('a box to a pseudonym opens for it alone', () => {
  const pair = signingKeyPair(randomKey('signing-seed'));
  const box = sealToBox(boxKeyOfVerifyKey(pair.publicKey), Uint8Array.of(1, 2, 3));
  expect(openBox(boxPairOfSigningPair(pair), box)).toEqual(Uint8Array.of(1, 2, 3));
  const other = boxPairOfSigningPair(signingKeyPair(randomKey('signing-seed')));
  expect(codeOf(() => openBox(other, box))).toBe('CRYPTO_OPEN');
});
