// Fixed vectors: what libsignal 0.103 once sent, and what format version 1 of our records once stored, must open for
// ever. Made by tools/make-vectors.mjs.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ours } from './support/engines.ts';
import { newParty } from './support/party.ts';

interface Message {
  readonly type: number;
  readonly bytes: string;
  readonly plaintext: string;
}
type Keys = readonly (readonly [number, string])[];
interface Vectors {
  readonly conversations: readonly {
    readonly names: readonly [string, string];
    readonly identity: string;
    readonly preKeys: Keys;
    readonly signedPreKeys: Keys;
    readonly kyberPreKeys: Keys;
    readonly messages: readonly Message[];
  }[];
  readonly storedStates: readonly {
    readonly record: string;
    readonly message: Message;
    readonly from: string;
  }[];
}

const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vectors;
const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const open = (message: Message) => ({ type: message.type, bytes: bytes(message.bytes) });

test('what libsignal sent opens, in any order', async () => {
  expect(vectors.conversations).toHaveLength(3);
  for (const { names, identity, messages, ...keys } of vectors.conversations) {
    for (const order of [messages, messages.toReversed()]) {
      const bob = newParty(ours, names[1], 5000, ours.IdentityKeyPair.deserialize(bytes(identity)));
      for (const kind of ['preKeys', 'signedPreKeys', 'kyberPreKeys'] as const) {
        for (const [id, record] of keys[kind]) bob[kind].set(id, bytes(record));
      }
      expect(order).toHaveLength(5);
      for (const message of order) {
        expect(await bob.receive(names[0], open(message))).toEqual(bytes(message.plaintext));
      }
    }
  }
});

test('records of format version 1 are read, written back alike, and open their next message', async () => {
  expect(vectors.storedStates).toHaveLength(25);
  for (const { record, message, from } of vectors.storedStates) {
    expect(Buffer.from(ours.SessionRecord.deserialize(bytes(record)).serialize()).toString('base64')).toBe(
      record,
    );
    const party = newParty(ours, 'reader');
    party.sessions.set(`${from}.1`, bytes(record));
    expect(await party.receive(from, open(message))).toEqual(bytes(message.plaintext));
  }
});
