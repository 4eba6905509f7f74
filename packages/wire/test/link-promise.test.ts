// Links, promises, base64url and the stamp's climb: examples, boundaries and properties. Published vectors are in
// vectors.vectors.test.ts.

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  decodeLink,
  encodeLink,
  encodePromise,
  fromBase64url,
  parsePromise,
  promisePreimage,
  stampLeafPreimage,
  stampNodePreimage,
  stampRootOf,
  toBase64url,
  WireError,
  type Link,
  type RelayPromise,
} from '../src/index.ts';
import { bytes, link as linkArbitrary } from './arbitraries.ts';

const sha256 = (input: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(input).digest());
const origin = 'https://chat.example';
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 'accepted';
};

test('base64url agrees with Node and refuses every other spelling', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
      const text = toBase64url(input);
      expect(text).toBe(Buffer.from(input).toString('base64url'));
      expect(fromBase64url(text)).toEqual(input);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const decoded = fromBase64url(text);
      if (decoded !== undefined) expect(toBase64url(decoded)).toBe(text);
    }),
  );
  expect(['A', 'AB', 'AA=', 'A A', 'AA+/', 'AAA\n'].map(fromBase64url)).toEqual(Array(6).fill(undefined));
});

test('links: decode(encode(x)) = x, about 250 characters', () => {
  fc.assert(
    fc.property(linkArbitrary, (link) => {
      const text = encodeLink(link, { origin, sha256 });
      expect(decodeLink(text, { sha256 })).toEqual(link);
      expect(decodeLink(`\n ${text.slice(text.indexOf('#'))} `, { sha256 })).toEqual(link);
    }),
    { numRuns: 200 },
  );
});

test('links: one changed letter, or a cut, is always told as damage', () => {
  const link = fc.sample(linkArbitrary, { numRuns: 1, seed: 7 })[0] as Link;
  const text = encodeLink(link, { origin, sha256 });
  const from = text.indexOf('#') + 1;
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  fc.assert(
    fc.property(fc.integer({ min: from, max: text.length - 1 }), fc.nat(63), (at, letter) => {
      fc.pre(text[at] !== letters[letter]);
      const changed = text.slice(0, at) + String(letters[letter]) + text.slice(at + 1);
      expect(codeOf(() => decodeLink(changed, { sha256 }))).toBe('WIRE_LINK_DAMAGED');
    }),
  );
  for (let length = from + 40; length < text.length; length++)
    expect(codeOf(() => decodeLink(text.slice(0, length), { sha256 }))).toBe('WIRE_LINK_DAMAGED');
});

test('links: any text is decoded or refused', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 400, size: 'max' }),
    fc.uint8Array({ maxLength: 300, size: 'max' }).map(toBase64url),
    // With the right checksum, so that what comes after it is reached.
    fc.uint8Array({ maxLength: 250, size: 'max' }).map((body) => {
      const whole = Buffer.concat([[1], body].map((part) => Buffer.from(part)));
      return Buffer.concat([
        whole,
        sha256(Buffer.concat([Buffer.from('sotto.v1.link\0'), whole])).subarray(0, 4),
      ]).toString('base64url');
    }),
  );
  const codes = new Set<string>();
  fc.assert(
    fc.property(text, (input) => {
      codes.add(codeOf(() => decodeLink(input, { sha256 })));
    }),
    { numRuns: 1000 },
  );
  expect([...codes].sort()).toEqual(['WIRE_LINK_DAMAGED', 'WIRE_LINK_INVALID']);
});

test('links: what can’t be a link isn’t made; a slash at the end of the relay is dropped', () => {
  const good = fc.sample(linkArbitrary, { numRuns: 1, seed: 1 })[0] as Link;
  const make = (change: object): string =>
    codeOf(() => encodeLink({ ...good, ...change }, { origin, sha256 }));
  expect(
    [
      { kind: 'other' },
      { relay: 'wss://relay.example' },
      { relay: '' },
      { relay: 'https://a.example/?x' },
      { relay: `https://a.example/${'a'.repeat(183)}` },
      { relayKey: new Uint8Array(31) },
      { writeId: new Uint8Array(25) },
      { identityHash: new Uint8Array(0) },
    ].map(make),
  ).toEqual(Array(8).fill('WIRE_VALUE'));
  expect(make({ relay: `https://a.example/${'a'.repeat(182)}` })).toBe('accepted');
  const text = encodeLink({ ...good, relay: 'http://127.0.0.1:8787/' }, { origin: `${origin}/`, sha256 });
  expect(text.startsWith(`${origin}/#`)).toBe(true);
  expect(decodeLink(text, { sha256 }).relay).toBe('http://127.0.0.1:8787');
});

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = publicKey.export({ format: 'jwk' }).x as string;
const promise: RelayPromise = {
  version: 3,
  protocol: [1],
  software: 'sotto-relay 0.1.0',
  relayKey: key,
  stampKey: toBase64url(new Uint8Array(32).fill(9)),
  sizes: { block: 3968, control: 512, data: 4480 },
  ttlSeconds: {
    mailbox: 1_209_600,
    log: 86_400,
    pool: 1800,
    ordered: 604_800,
    slot: 2_592_000,
    caps: { mailbox: 2_592_000, log: 604_800, pool: 3600 },
  },
  quotas: { mailbox: 128, log: 8192, pool: 1024 },
  rates: { appendsPerSecond: 50 },
  logs: 'none',
  durability: 'fsync',
  admission: 'open',
  blocked: 0,
  operator: { name: 'Hafen für Gespräche', contact: 'mailto:ops@example.org' },
  time: 1_790_000_000,
};
const signIt = (preimage: Uint8Array): Uint8Array => new Uint8Array(sign(null, preimage, privateKey));

test('promises: what is served is read back, and its signature holds over the payload', () => {
  const served = encodePromise(promise, signIt);
  const read = parsePromise(served);
  expect(read.promise).toEqual(promise);
  expect(toBase64url(read.key)).toBe(key);
  expect(verify(null, promisePreimage(read.payload), publicKey, read.signature)).toBe(true);
  expect((JSON.parse(served) as RelayPromise).software).toBe(promise.software);
});

test('promises: readable fields beside the payload count for nothing, and later fields are passed over', () => {
  const served = JSON.parse(encodePromise(promise, signIt)) as Record<string, unknown>;
  expect(parsePromise(JSON.stringify({ ...served, admission: 'tokens', version: 99 })).promise).toEqual(
    promise,
  );
  const later = JSON.stringify({ ...promise, later: { thing: true } });
  const signed = {
    payload: toBase64url(new Uint8Array(Buffer.from(later))),
    signature: toBase64url(new Uint8Array(64)),
    key,
  };
  expect(parsePromise(JSON.stringify({ signed })).promise).toEqual(promise);
});

test('promises: each missing or wrong field is refused', () => {
  const wrong: unknown[] = Object.keys(promise).map((name) => ({ ...promise, [name]: undefined }));
  wrong.push(
    { ...promise, version: 0 },
    { ...promise, version: 1.5 },
    { ...promise, protocol: [] },
    { ...promise, protocol: ['1'] },
    { ...promise, software: 'x'.repeat(201) },
    { ...promise, relayKey: toBase64url(new Uint8Array(31)) },
    { ...promise, stampKey: `${promise.stampKey}=` },
    { ...promise, sizes: { block: 3968, control: 512 } },
    { ...promise, ttlSeconds: { ...promise.ttlSeconds, caps: undefined } },
    { ...promise, quotas: [] },
    { ...promise, rates: { a: -1 } },
    { ...promise, rates: { a: '1' } },
    { ...promise, logs: 'some' },
    { ...promise, durability: 'hope' },
    { ...promise, admission: 'closed' },
    { ...promise, operator: { name: 5 } },
    { ...promise, operator: null },
    { ...promise, time: 2 ** 60 },
  );
  for (const value of wrong)
    expect({ value, code: codeOf(() => encodePromise(value as RelayPromise, signIt)) }).toEqual({
      value,
      code: 'WIRE_PROMISE_INVALID',
    });
});

test('promises: any document is read or refused', () => {
  const served = encodePromise(promise, signIt);
  const documents = [
    '',
    'null',
    '[]',
    '{}',
    '{"signed":null}',
    '{"signed":{}}',
    served.slice(0, -5),
    ' '.repeat(65_537),
    served.replace(/"signature": "../, '"signature": "'),
    served.replace(`"key": "${key}"`, `"key": "${promise.stampKey}"`),
    JSON.stringify({ signed: { payload: toBase64url(Uint8Array.of(0xff)), signature: 'AA', key } }),
  ];
  expect(documents.map((text) => codeOf(() => parsePromise(text)))).toEqual(
    documents.map(() => 'WIRE_PROMISE_INVALID'),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(codeOf(() => parsePromise(text))).toBe('WIRE_PROMISE_INVALID');
    }),
  );
});

/** A tree as docs/protocol.md section 3.5 describes it, built from the top: another way round than the climb. */
function rootOver(leaves: Uint8Array[], depth: number): Uint8Array {
  if (leaves.length === 0) return new Uint8Array(32);
  if (depth === 0) return sha256(stampLeafPreimage(leaves[0] as Uint8Array));
  const half = 2 ** (depth - 1);
  return sha256(
    stampNodePreimage(rootOver(leaves.slice(0, half), depth - 1), rootOver(leaves.slice(half), depth - 1)),
  );
}
function pathTo(leaves: Uint8Array[], index: number, depth: number): Uint8Array[] {
  if (depth === 0) return [];
  const half = 2 ** (depth - 1);
  const [near, far] =
    index < half ? [leaves.slice(0, half), leaves.slice(half)] : [leaves.slice(half), leaves.slice(0, half)];
  return [...pathTo(near, index % half, depth - 1), rootOver(far, depth - 1)];
}

test('stamps: every leaf of a batch climbs to the same root, another commitment doesn’t', () => {
  fc.assert(
    fc.property(fc.array(bytes(32), { minLength: 1, maxLength: 33 }), (leaves) => {
      const depth = Math.ceil(Math.log2(leaves.length));
      const root = rootOver(leaves, depth);
      leaves.forEach((commitment, index) => {
        const path = new Uint8Array(Buffer.concat(pathTo(leaves, index, depth)));
        expect(stampRootOf({ commitment, index, path }, sha256)).toEqual(root);
        const other = commitment.map((byte) => byte ^ 1);
        expect(stampRootOf({ commitment: other, index, path }, sha256)).not.toEqual(root);
      });
    }),
    { numRuns: 30 },
  );
  const climb = (index: number, length: number): string =>
    codeOf(() =>
      stampRootOf({ commitment: new Uint8Array(32), index, path: new Uint8Array(length) }, sha256),
    );
  expect([climb(0, 0), climb(1, 32), climb(2047, 352)]).toEqual(Array(3).fill('accepted'));
  expect([climb(1, 0), climb(2, 32), climb(-1, 32), climb(0, 33), climb(0, 384)]).toEqual(
    Array(5).fill('WIRE_VALUE'),
  );
});
