// The published vectors of ../vectors against this package: every frame, link, layout and signature in them. The
// counts stand here, so that vectors can't silently vanish.

import { expect, test } from '@jest/globals';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createPreimage,
  decodeClientFrame,
  decodeLink,
  decodeRelayFrame,
  encodeClientFrame,
  encodeLink,
  encodeRelayFrame,
  idPreimage,
  promisePreimage,
  provePreimage,
  stampLeafPreimage,
  stampNodePreimage,
  stampRootOf,
  stampRootPreimage,
  withdrawPreimage,
} from '../src/index.ts';
import { enums, messages } from '../src/generated/schema.gen.ts';

interface ValidFrame {
  name: string;
  from: 'client' | 'relay';
  size: number;
  message: string;
  value: Record<string, unknown>;
}
interface InvalidFrame {
  name: string;
  from: 'client' | 'relay';
  error: string;
  size: number;
  head: string;
}
interface Layout {
  name: string;
  kind: string;
  input: Record<string, unknown>;
  preimage: string;
  sha256: string;
  publicKey?: string;
  signature?: string;
}

const load = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8'));
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'accepted';
};

// Byte fields are hex in the vectors; these are the only text fields.
const words = new Set(['type', 'right', 'policy', 'securing', 'code', 'reason', 'cause', 'kind', 'relay']);
function fromJson(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => fromJson(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromJson(inner, key)]));
  return typeof value === 'string' && !words.has(name) ? unhex(value) : value;
}

test('valid frames decode to their value and encode to their bytes', () => {
  const vectors = load('frames-valid') as ValidFrame[];
  expect(vectors).toHaveLength(78);
  for (const { name, from, size, message, value } of vectors) {
    const bytes = new Uint8Array(size);
    const body = unhex(message);
    bytes.set([body.length >> 8, body.length & 0xff]);
    bytes.set(body, 2);
    const frame = fromJson(value);
    const [decode, encode] =
      from === 'client' ? [decodeClientFrame, encodeClientFrame] : [decodeRelayFrame, encodeRelayFrame];
    expect({ name, value: decode(bytes) }).toEqual({ name, value: frame });
    expect({ name, hex: hex(encode(frame as never)) }).toEqual({ name, hex: hex(bytes) });
  }
});

test('there is a valid vector for every message and every enum word', () => {
  const vectors = load('frames-valid') as ValidFrame[];
  const seen = new Set<unknown>();
  const note = (value: unknown): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        seen.add(key);
        if (words.has(key)) seen.add(inner);
        note(inner);
      }
  };
  note(vectors.map((vector) => vector.value));
  const oneofs = [...messages.ClientFrame, ...messages.RelayFrame].filter((field) => field[3] === 'oneof');
  expect(oneofs.map((field) => field[1]).filter((type) => !seen.has(type))).toEqual([]);
  expect(
    Object.values(enums)
      .flat()
      .filter((word) => word !== '' && !seen.has(word)),
  ).toEqual([]);
  const all = Object.values(messages).flatMap((fields) =>
    fields.filter((f) => f[3] !== 'oneof').map((f) => f[1]),
  );
  expect(all.filter((name) => !seen.has(name))).toEqual([]);
});

test('invalid frames are refused with their code', () => {
  const vectors = load('frames-invalid') as InvalidFrame[];
  expect(vectors).toHaveLength(103);
  const verdicts = vectors.map(({ name, from, size, head }) => {
    const bytes = new Uint8Array(size);
    bytes.set(unhex(head));
    return { name, error: codeOf(() => (from === 'client' ? decodeClientFrame : decodeRelayFrame)(bytes)) };
  });
  expect(verdicts).toEqual(vectors.map(({ name, error }) => ({ name, error })));
});

const layouts: Record<string, (input: never) => Uint8Array> = {
  id: ({ right, ownerKey, salt }: { right: 'read' | 'write'; ownerKey: Uint8Array; salt: Uint8Array }) =>
    idPreimage(right, ownerKey, salt),
  prove: provePreimage,
  create: createPreimage,
  withdraw: ({ secret }: { secret: Uint8Array }) => withdrawPreimage(secret),
  'stamp-leaf': ({ commitment }: { commitment: Uint8Array }) => stampLeafPreimage(commitment),
  'stamp-node': ({ left, right }: { left: Uint8Array; right: Uint8Array }) => stampNodePreimage(left, right),
  'stamp-root': stampRootPreimage,
  promise: ({ payload }: { payload: Uint8Array }) => promisePreimage(payload),
};

test('what is hashed and signed has its bytes, and its signatures hold', () => {
  const { layouts: vectors } = load('signing') as { layouts: Layout[] };
  expect(vectors).toHaveLength(19);
  expect(new Set(vectors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(layouts)));
  let signed = 0;
  for (const { name, kind, input, preimage, sha256: digest, publicKey, signature } of vectors) {
    const value = fromJson(input) as Record<string, unknown>;
    // The one layout whose `right` is a hash, not a word.
    if (kind === 'stamp-node') value['right'] = unhex(input['right'] as string);
    const bytes = (layouts[kind] as (input: unknown) => Uint8Array)(value);
    expect({ name, hex: hex(bytes) }).toEqual({ name, hex: preimage });
    expect(hex(sha256(bytes))).toBe(digest);
    if (publicKey === undefined || signature === undefined) continue;
    signed++;
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), unhex(publicKey)]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verify(null, bytes, key, unhex(signature))).toBe(true);
  }
  expect(signed).toBe(10);
});

test('stamps climb to their root', () => {
  const { stamps } = load('signing') as { stamps: Record<string, unknown>[] };
  expect(stamps).toHaveLength(4);
  for (const stamp of stamps) {
    const input = fromJson(stamp) as { commitment: Uint8Array; index: number; path: Uint8Array };
    expect(hex(stampRootOf(input, sha256))).toBe(stamp['root']);
  }
});

test('links decode, encode and are refused as published', () => {
  const { origin, valid, forms, invalid } = load('links') as {
    origin: string;
    valid: { name: string; text: string; value: unknown }[];
    forms: { name: string; text: string; value: unknown }[];
    invalid: { name: string; text: string; error: string }[];
  };
  expect([valid.length, forms.length, invalid.length]).toEqual([7, 3, 46]);
  for (const { name, text, value } of [...valid, ...forms])
    expect({ name, value: decodeLink(text, { sha256 }) }).toEqual({ name, value: fromJson(value) });
  for (const { text, value } of valid)
    expect(encodeLink(fromJson(value) as never, { origin, sha256 })).toBe(text);
  expect(
    invalid.map(({ name, text }) => ({ name, error: codeOf(() => decodeLink(text, { sha256 })) })),
  ).toEqual(invalid.map(({ name, error }) => ({ name, error })));
});
