// What the fuzzer throws bytes at: every parser, and the receiving half of a session behind its parsers. Each target
// has valid seeds, and says which errors are refusals; anything else thrown is a find.
import { encrypt, decrypt, MAX_JUMP } from '../src/session/double-ratchet.ts';
import { accept, initiate, type LocalParty } from '../src/session/pqxdh.ts';
import { decodeState, encodeState } from '../src/session/codec.ts';
import type { SessionState } from '../src/session/state.ts';
import { BinaryError } from '../src/binary.ts';
import { concat, equal, type Bytes } from '../src/bytes.ts';
import { Refused } from '../src/errors.ts';
import * as ratchet from '../src/index.ts';
import { systemRandom } from '../src/primitives/random.ts';
import { decodeSpqrMessage, encodeSpqrMessage } from '../src/spqr/message.ts';
import { spqrReceive } from '../src/spqr/spqr.ts';

export interface Target {
  readonly seeds: readonly Uint8Array[];
  /** Throws a refusal for bad input; anything else thrown is a defect. */
  run(input: Bytes): void | Promise<void>;
  /** How long one input may take, where it isn't a second. */
  readonly maxMs?: number;
}

/** A forged counter within the limits makes both chains step up to 25,000 times before the MAC can be checked. */
const JUMP_MS = 10_000;

export function isRefusal(error: unknown): boolean {
  return (
    error instanceof ratchet.LibSignalErrorBase || error instanceof Refused || error instanceof BinaryError
  );
}

function require(condition: boolean, what: string): void {
  if (!condition) throw new Error(`broken promise: ${what}`);
}

// ---- a conversation to take seeds from ----

const newLocal = (): LocalParty => ({ identity: ratchet.IdentityKeyPair.generate(), registrationId: 7 });
const alice = newLocal();
const bob = newLocal();
const signedKey = ratchet.PrivateKey.generate();
const oneTimeKey = ratchet.PrivateKey.generate();
const kem = ratchet.KEMKeyPair.generate();
const sign = (bytes: Bytes) => bob.identity.privateKey.sign(bytes);
const signature = sign(signedKey.getPublicKey().serialize());
const bundle = ratchet.PreKeyBundle.new(
  7,
  1,
  1,
  oneTimeKey.getPublicKey(),
  2,
  signedKey.getPublicKey(),
  signature,
  bob.identity.publicKey,
  3,
  kem.getPublicKey(),
  sign(kem.getPublicKey().serialize()),
);
const CONTEXT = { addresses: undefined, withSelf: false };
const begun = initiate(bundle, alice, 0, systemRandom);

async function firstMessage(): Promise<{ state: SessionState; bytes: Bytes }> {
  const { next, message } = await encrypt(begun, new Uint8Array(20), undefined, systemRandom);
  const pending = begun.pending!;
  const built = ratchet.PreKeySignalMessage._build({
    preKeyId: pending.preKeyId,
    baseKey: begun.baseKey,
    identityKey: begun.localIdentity,
    message,
    registrationId: 7,
    signedPreKeyId: pending.signedPreKeyId,
    kyber: { preKeyId: pending.kyberPreKeyId, ciphertext: pending.kyberCiphertext },
  });
  return { state: next, bytes: built.serialize() };
}

const preKeys = {
  signed: { publicKey: signedKey.getPublicKey(), privateKey: signedKey.serialize() },
  oneTime: oneTimeKey.serialize(),
  kyber: kem.getSecretKey(),
};

/** Receivers in many states of the braid, each with the message that is genuinely next. */
interface Moment {
  readonly receiver: SessionState;
  readonly next: Bytes;
}

async function moments(): Promise<Moment[]> {
  const first = await firstMessage();
  const content = ratchet.PreKeySignalMessage.deserialize(first.bytes)._content();
  const opened = await decrypt(accept(content, bob, preKeys), content.message, CONTEXT, systemRandom);
  let states = [first.state, opened.next] as [SessionState, SessionState];
  const kept: Moment[] = [];
  for (let i = 0; i < 400; i++) {
    const from = i % 2 === 0 ? 1 : 0;
    const sent = await encrypt(states[from], new Uint8Array(i % 64), undefined, systemRandom);
    states = from === 0 ? [sent.next, states[1]] : [states[0], sent.next];
    const to = from === 0 ? 1 : 0;
    if (i % 9 === 0) kept.push({ receiver: states[to], next: sent.message.serialize() });
    // Every fifth is lost, so that skipped keys and partial decoders are there too
    if (i % 5 === 4) continue;
    const received = (await decrypt(states[to], sent.message, CONTEXT, systemRandom)).next;
    states = to === 0 ? [received, states[1]] : [states[0], received];
  }
  return kept;
}

const MOMENTS = await moments();
const FIRST_BYTES = (await firstMessage()).bytes;

function recordWith(states: readonly SessionState[]): Bytes {
  let record = ratchet.SessionRecord._empty();
  for (const state of states) record = record._withNew(state);
  return record.serialize();
}

const spqrBytes = (message: Bytes) => ratchet.SignalMessage.deserialize(message).pqRatchet();

/** The first byte picks the moment. */
function momentOf(input: Bytes): Moment {
  return MOMENTS[(input[0] ?? 0) % MOMENTS.length]!;
}

const picked = (bytes: (moment: Moment) => Bytes) =>
  MOMENTS.map((moment, i) => concat(new Uint8Array([i]), bytes(moment)));

const fingerprint = ratchet.Fingerprint.new(
  2,
  2,
  new Uint8Array(3),
  alice.identity.publicKey,
  new Uint8Array(4),
  bob.identity.publicKey,
).scannableFingerprint();

export const targets: Record<string, Target> = {
  publicKey: {
    seeds: [signedKey.getPublicKey().serialize()],
    run(input) {
      ratchet.PublicKey.deserialize(input).verify(input, signature);
    },
  },
  privateKey: {
    seeds: [signedKey.serialize()],
    run(input) {
      ratchet.PrivateKey.deserialize(input).getPublicKey();
    },
  },
  signature: {
    seeds: [signature],
    run(input) {
      bob.identity.publicKey.verify(signedKey.getPublicKey().serialize(), input);
    },
  },
  identityKeyPair: {
    seeds: [alice.identity.serialize()],
    run(input) {
      ratchet.IdentityKeyPair.deserialize(input).serialize();
    },
  },
  preKeyRecords: {
    seeds: [
      ratchet.PreKeyRecord.new(1, oneTimeKey.getPublicKey(), oneTimeKey).serialize(),
      ratchet.SignedPreKeyRecord.new(2, 9, signedKey.getPublicKey(), signedKey, signature).serialize(),
      ratchet.KyberPreKeyRecord.new(3, 9, kem, signature).serialize(),
    ],
    run(input) {
      const signed = ratchet.SignedPreKeyRecord.deserialize(input);
      require(signed.timestamp() >= 0 && signed.id() >= 0, 'numbers');
      const again = ratchet.SignedPreKeyRecord.deserialize(signed.serialize());
      require(equal(again.serialize(), signed.serialize()), 'a record survives a round trip');
      ratchet.PreKeyRecord.deserialize(input).publicKey();
      ratchet.KyberPreKeyRecord.deserialize(input).keyPair();
    },
  },
  signalMessage: {
    seeds: MOMENTS.map(({ next }) => next),
    run(input) {
      require(equal(
        ratchet.SignalMessage.deserialize(input).serialize(),
        input,
      ), 'a message keeps its bytes');
    },
  },
  preKeySignalMessage: {
    seeds: [FIRST_BYTES],
    run(input) {
      require(equal(
        ratchet.PreKeySignalMessage.deserialize(input).serialize(),
        input,
      ), 'a message keeps its bytes');
    },
  },
  accept: {
    maxMs: JUMP_MS,
    seeds: [FIRST_BYTES],
    async run(input) {
      const content = ratchet.PreKeySignalMessage.deserialize(input)._content();
      await decrypt(accept(content, bob, preKeys), content.message, CONTEXT, systemRandom);
    },
  },
  receive: {
    maxMs: JUMP_MS,
    seeds: picked(({ next }) => next),
    async run(input) {
      const { receiver } = momentOf(input);
      const before = encodeState(receiver);
      const message = ratchet.SignalMessage.deserialize(input.subarray(1));
      try {
        await decrypt(receiver, message, CONTEXT, systemRandom);
      } finally {
        require(equal(encodeState(receiver), before), 'a state is never changed in place');
      }
    },
  },
  spqrMessage: {
    seeds: MOMENTS.map(({ next }) => spqrBytes(next)),
    run(input) {
      const message = decodeSpqrMessage(input);
      require(equal(
        encodeSpqrMessage(decodeSpqrMessage(encodeSpqrMessage(message))),
        encodeSpqrMessage(message),
      ), 'SPQR round trip');
    },
  },
  spqrReceive: {
    maxMs: JUMP_MS,
    seeds: picked(({ next }) => spqrBytes(next)),
    run(input) {
      const { receiver } = momentOf(input);
      const { next } = spqrReceive(receiver.spqr, input.subarray(1), MAX_JUMP);
      const state = { ...receiver, spqr: next };
      require(equal(
        encodeState(decodeState(encodeState(state))),
        encodeState(state),
      ), 'a reached state can be stored');
    },
  },
  sessionRecord: {
    seeds: [
      recordWith([begun]),
      recordWith(MOMENTS.slice(0, 3).map(({ receiver }) => receiver)),
      ...MOMENTS.map(({ receiver }) => recordWith([receiver])),
    ],
    async run(input) {
      const record = ratchet.SessionRecord.deserialize(input);
      // An empty record has one form, the empty array
      if (record._current() || record._archivedCount() > 0)
        require(equal(record.serialize(), input), 'encode(decode(x)) = x');
      for (let i = 0; i < record._archivedCount(); i++) record._archivedAt(i);
      const state = record._current();
      if (state) await encrypt(state, new Uint8Array(1), undefined, systemRandom);
    },
  },
  scannableFingerprint: {
    seeds: [fingerprint.toBuffer()],
    run(input) {
      fingerprint.compare(ratchet.ScannableFingerprint._fromBuffer(input));
    },
  },
};
