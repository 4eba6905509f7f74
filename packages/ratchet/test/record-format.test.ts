// Stored session records: what is damaged is refused by name, what is read is written back byte for byte.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ErrorCode, IdentityKeyStore, LibSignalErrorBase, PrivateKey, SessionRecord } from '../src/index.ts';
import type { Bytes } from '../src/bytes.ts';
import { ours } from './support/engines.ts';
import { newParty } from './support/party.ts';

/** A record with skipped keys, several chains, archived states and a braid under way. */
async function sample(): Promise<Bytes> {
  const [a, b] = [newParty(ours, 'a'), newParty(ours, 'b')];
  for (let session = 0; session < 3; session++) {
    await a.begin('b', await b.publish());
    for (let i = 0; i < 60; i++) {
      const [from, to, name, peer] = i % 2 === 0 ? [a, b, 'a', 'b'] : [b, a, 'b', 'a'];
      const skipped = await from.send(peer, new Uint8Array(i));
      const message = await from.send(peer, new Uint8Array(i));
      await to.receive(name, i % 3 === 0 ? message : skipped);
    }
  }
  return b.sessions.get('a.1')!;
}

/** Refused as InvalidSession, or faithful. */
function expectHonest(bytes: Bytes): boolean {
  try {
    const record = SessionRecord.deserialize(bytes);
    expect(Buffer.compare(record.serialize(), bytes)).toBe(0);
    return true;
  } catch (error) {
    expect(LibSignalErrorBase.is(error, ErrorCode.InvalidSession)).toBe(true);
    return false;
  }
}

test('truncated and flipped records are refused by name or kept as they are', async () => {
  const record = await sample();
  expect(expectHonest(record)).toBe(true);
  const step = Math.max(1, Math.floor(record.length / 1500));
  for (let at = 1; at < record.length; at += step) {
    expect(expectHonest(record.slice(0, at))).toBe(false);
    expectHonest(record.with(at, record[at]! ^ (1 << (at % 8))));
  }
  expect(expectHonest(new Uint8Array([...record, 0]))).toBe(false);
  for (const at of [0, 1, 2, 3]) expect(expectHonest(record.with(at, record[at]! ^ 1))).toBe(false);
});

test('arbitrary bytes behind the header are refused by name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), (rest) => {
      expectHonest(new Uint8Array([0x00, 0x53, 0x52, 1, ...rest]));
    }),
    { numRuns: 500 },
  );
});

test('a header with nothing behind it is refused: a record of nothing is no bytes', () => {
  expect(expectHonest(new Uint8Array([0x00, 0x53, 0x52, 1, 0, 0]))).toBe(false);
});

test('a damaged archived state is named when a message needs it, and changes nothing', async () => {
  const [a, b] = [newParty(ours, 'a'), newParty(ours, 'b')];
  await a.begin('b', await b.publish());
  await b.receive('a', await a.send('b', new Uint8Array(1)));
  const late = await a.send('b', new Uint8Array(1));
  await a.begin('b', await b.publish());
  await b.receive('a', await a.send('b', new Uint8Array(1)));
  const damaged = b.sessions.get('a.1')!.slice();
  // The last bytes are the archived state's
  damaged.fill(0xff, damaged.length - 600);
  b.sessions.set('a.1', damaged);
  await expect(b.receive('a', { ...late, type: 3 })).rejects.toMatchObject({
    code: ErrorCode.InvalidSession,
  });
  expect(b.sessions.get('a.1')).toBe(damaged);
});

test('reading or writing a record gives away no memory of its own', async () => {
  const bytes = await sample();
  const copy = bytes.slice();
  const record = SessionRecord.deserialize(bytes);
  bytes.fill(0);
  expect(Buffer.compare(record.serialize(), copy)).toBe(0);
  record.serialize().fill(0);
  expect(Buffer.compare(record.serialize(), copy)).toBe(0);
});

test('a store that has only the private key gets the pair made', async () => {
  const privateKey = PrivateKey.generate();
  class Store extends IdentityKeyStore {
    async getIdentityKey() {
      return privateKey;
    }
    async getLocalRegistrationId() {
      return 1;
    }
    async saveIdentity() {
      return 0 as const;
    }
    async isTrustedIdentity() {
      return true;
    }
    async getIdentity() {
      return null;
    }
  }
  const pair = await new Store().getIdentityKeyPair();
  expect(pair.publicKey.equals(privateKey.getPublicKey())).toBe(true);
});
