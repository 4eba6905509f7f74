import { beforeAll, describe, expect, test } from '@jest/globals';
import { identityHash, openBundle, signBundle, type VerifiedBundle } from '../../src/content/bundle.ts';
import { boxKeyPair, randomBytes, randomKey, ready } from '../../src/crypto/index.ts';
import { newOwnMailbox } from '../../src/conversation/mailbox.ts';
import { beginning } from '../../src/conversation/beginning.ts';
import {
  type ConversationRecord,
  conversationCodec,
  KINDS,
  PHASES,
  ROLES,
} from '../../src/conversation/record.ts';
import { partCapacity, sealContent } from '../../src/conversation/seal.ts';
import { loadEngine } from '../../src/signal/engine-node.ts';
import type { SignalEngine } from '../../src/signal/module.ts';
import {
  beginSession,
  decrypt,
  encrypt,
  identityKeyOf,
  makePreKeys,
  newIdentity,
  type OwnIdentity,
  safetyNumber,
  type Session,
  signAs,
  verifyBy,
} from '../../src/signal/session.ts';

beforeAll(ready);

const nowMs = Date.UTC(2026, 10, 22);
const nowSeconds = nowMs / 1_000;
const writeId = new Uint8Array(24).fill(3);

function offer(engine: SignalEngine, oneTime: boolean) {
  const identity = newIdentity(engine);
  const { secrets, bundle } = makePreKeys(engine, identity, { oneTime, expires: nowSeconds + 10, nowMs });
  const signed = signBundle(bundle, writeId, (text) => signAs(engine, identity, text));
  return { identity, secrets, signed, key: bundle.identityKey };
}

function check(engine: SignalEngine, signed: Uint8Array, key: Uint8Array, at = nowSeconds): VerifiedBundle {
  return openBundle(signed, {
    identityHash: identityHash(key),
    writeId,
    nowSeconds: at,
    verify: (by, text, signature) => verifyBy(engine, by, text, signature),
  });
}

const names = ['libsignal', 'ratchet'] as const;
const pairs = names.flatMap((a) => names.map((b) => [a, b] as const));

describe.each(pairs)('%s begins, %s answers', (first, second) => {
  test('a session from a bundle, both ways, once each', async () => {
    const [bobs, alices] = await Promise.all([loadEngine(first), loadEngine(second)]);
    for (const oneTime of [true, false]) {
      const alice = offer(alices, oneTime);
      const bob = newIdentity(bobs);
      let atBob = await beginSession(bobs, bob, check(bobs, alice.signed, alice.key), { nowMs });
      const plaintext = randomBytes(100);
      const sent = await encrypt(bobs, bob, atBob, { plaintext, nowMs });
      atBob = sent.next;
      expect(sent.kind).toBe('preKey');
      const got = await decrypt(alices, alice.identity, { session: undefined, preKeys: alice.secrets }, sent);
      expect(got.plaintext).toEqual(plaintext);
      expect(got.usedOneTime !== undefined).toBe(oneTime);
      expect(got.used?.baseKey).toHaveLength(33);
      expect(got.next.peerIdentity).toEqual(identityKeyOf(bobs, bob));
      const again = decrypt(alices, alice.identity, { session: got.next, preKeys: alice.secrets }, sent);
      await expect(again).rejects.toMatchObject({ code: 'SESSION_DUPLICATE' });
      const reply = await encrypt(alices, alice.identity, got.next, { plaintext, nowMs });
      expect(reply.kind).toBe('whisper');
      const heard = await decrypt(bobs, bob, { session: atBob, preKeys: [] }, reply);
      expect(heard.plaintext).toEqual(plaintext);
      expect((await encrypt(bobs, bob, heard.next, { plaintext, nowMs })).kind).toBe('whisper');
      const numbers = [
        safetyNumber(alices, alice.key, identityKeyOf(bobs, bob)),
        safetyNumber(bobs, identityKeyOf(bobs, bob), alice.key),
      ];
      expect(numbers[0]).toBe(numbers[1]);
    }
  });

  test('what is damaged is unreadable and changes nothing', async () => {
    const [bobs, alices] = await Promise.all([loadEngine(first), loadEngine(second)]);
    const alice = offer(alices, true);
    const bob = newIdentity(bobs);
    const atBob = await beginSession(bobs, bob, check(bobs, alice.signed, alice.key), { nowMs });
    const sent = await encrypt(bobs, bob, atBob, { plaintext: randomBytes(10), nowMs });
    const state = { session: undefined, preKeys: alice.secrets };
    const damaged = sent.bytes.slice();
    damaged[damaged.length - 20] = (damaged[damaged.length - 20] ?? 0) ^ 1;
    for (const bytes of [damaged, sent.bytes.subarray(0, 100), randomBytes(500), new Uint8Array(0)]) {
      for (const kind of ['preKey', 'whisper'] as const) {
        await expect(decrypt(alices, alice.identity, state, { kind, bytes })).rejects.toMatchObject({
          code: 'SESSION_UNREADABLE',
        });
      }
    }
    const noKeys = decrypt(alices, alice.identity, { session: undefined, preKeys: [] }, sent);
    await expect(noKeys).rejects.toMatchObject({ code: 'SESSION_UNREADABLE' });
    await expect(decrypt(alices, alice.identity, state, sent)).resolves.toMatchObject({
      usedOneTime: expect.any(Number),
    });
  });
});

test('a bundle is refused when changed, expired, of another identity, for another mailbox or of a newer version', async () => {
  const engine = await loadEngine('libsignal');
  const { signed, key, identity } = offer(engine, true);
  expect(check(engine, signed, key).identityKey).toEqual(key);
  const code = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'accepted';
  };
  for (let at = 0; at < signed.length; at += 97) {
    const changed = signed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(code(() => check(engine, changed, key))).toBe('INVITE_DAMAGED');
  }
  expect(code(() => check(engine, signed, randomBytes(33)))).toBe('INVITE_DAMAGED');
  expect(code(() => check(engine, signed, key, nowSeconds + 9))).toBe('accepted');
  expect(code(() => check(engine, signed, key, nowSeconds + 10))).toBe('INVITE_EXPIRED');
  const verify = (by: Uint8Array, text: Uint8Array, sig: Uint8Array): boolean =>
    verifyBy(engine, by, text, sig);
  const elsewhere = { identityHash: identityHash(key), writeId: new Uint8Array(24), nowSeconds, verify };
  expect(code(() => openBundle(signed, elsewhere))).toBe('INVITE_DAMAGED');
  const { bundle } = makePreKeys(engine, identity, { oneTime: false, expires: nowSeconds + 10, nowMs });
  const newer = signBundle({ ...bundle, version: 2 }, writeId, (text) => signAs(engine, identity, text));
  expect(code(() => check(engine, newer, key))).toBe('INVITE_VERSION');
});

function record(identity: OwnIdentity, fields: Partial<ConversationRecord>): ConversationRecord {
  const pin = { relay: 'https://relay.example', relayKey: randomBytes(32) };
  return {
    ...beginning(),
    role: ROLES.accepter,
    kind: KINDS.once,
    phase: PHASES.open,
    createdAt: nowMs,
    identitySecret: identity.secret,
    registrationId: identity.registrationId,
    peerName: 'x'.repeat(64),
    own: newOwnMailbox(pin, false),
    peer: {
      ...pin,
      writeId: randomBytes(24),
      firstSeed: randomKey('signing-seed'),
      writerSeed: randomKey('signing-seed'),
      secured: true,
      shared: false,
      answered: 0,
    },
    sendKeys: { first: randomBytes(32), current: randomBytes(32), used: 0 },
    receiveKeys: { first: randomBytes(32), current: randomBytes(32) },
    preKeyPhase: true,
    ownName: 'n'.repeat(64),
    ...fields,
  };
}

test.each(names)(
  '%s: the largest content fills exactly the parts that were reckoned, in every state',
  async (name) => {
    const engine = await loadEngine(name);
    const alice = offer(engine, true);
    const bob = newIdentity(engine);
    const begun = await beginSession(engine, bob, check(engine, alice.signed, alice.key), { nowMs });
    const queued = (body: Uint8Array) => ({
      contentId: randomBytes(16),
      type: 1,
      body,
      at: Number.MAX_SAFE_INTEGER,
      timerSeconds: 0xffff_ffff,
      parts: 0,
      answered: 0,
      sealing: 0,
      shown: true,
      keptUntil: 0,
      again: 0,
    });
    const seal = (state: ConversationRecord, session: Session, length: number) =>
      sealContent(engine, state, session, { queueNumber: 1, queued: queued(randomBytes(length)), nowMs });

    const once = record(bob, { linkKey: randomBytes(32) });
    expect(conversationCodec.decode(conversationCodec.encode(once))).toEqual(once);
    expect(partCapacity(once)).toBeGreaterThanOrEqual(1_600);
    expect((await seal(once, begun, partCapacity(once))).blocks).toHaveLength(1);
    expect((await seal(once, begun, partCapacity(once) * 16)).blocks).toHaveLength(16);
    await expect(seal(once, begun, partCapacity(once) * 16 + 1)).rejects.toMatchObject({
      code: 'CONTENT_TOO_LONG',
    });

    const shared = { ...once.peer, shared: true };
    const standing = record(bob, {
      peer: shared,
      kind: KINDS.standing,
      boxKey: boxKeyPair().publicKey,
      threadTag: randomBytes(16),
    });
    expect((await seal(standing, begun, partCapacity(standing))).blocks).toHaveLength(1);

    const restarting = record(bob, { answered: true, restartSaid: 2, restartSeen: randomBytes(16) });
    expect((await seal(restarting, begun, partCapacity(restarting))).blocks).toHaveLength(1);

    const first = await encrypt(engine, bob, begun, { plaintext: randomBytes(10), nowMs });
    const got = await decrypt(engine, alice.identity, { session: undefined, preKeys: alice.secrets }, first);
    const settled = record(alice.identity, { answered: true, preKeyPhase: false });
    expect(partCapacity(settled)).toBeGreaterThanOrEqual(3_550);
    expect((await seal(settled, got.next, partCapacity(settled))).blocks).toHaveLength(1);
    const signed = record(alice.identity, {
      answered: true,
      preKeyPhase: false,
      attribution: {
        conversation: randomBytes(32),
        ownSeed: randomKey('signing-seed'),
        ownPrevious: randomBytes(32),
        epoch: 0xffff_ffff,
        peerKey: randomBytes(32),
      },
    });
    expect((await seal(signed, got.next, partCapacity(signed))).blocks).toHaveLength(1);
  },
);
