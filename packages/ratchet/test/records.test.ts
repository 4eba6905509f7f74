// Records and keys as bytes: both engines read what either wrote, and refuse the same inputs with the same code.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as ratchet from '../src/index.ts';
import type { Bytes } from '../src/bytes.ts';
import { libsignal, ours, type Engine } from './support/engines.ts';
import { newParty, readBundle } from './support/party.ts';

const ENGINES = [libsignal, ours] as const;

/** The outcome of a call on each engine, as something comparable. */
function outcome(call: () => unknown): string {
  try {
    const value = call();
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
  } catch (error) {
    // libsignal's RangeErrors come from outside jest's realm: go by name
    const { name, code } = error as { name: string; code?: number };
    return code === undefined ? name : `error ${code}`;
  }
}

function same(call: (engine: Engine) => unknown): string {
  const [theirs, mine] = ENGINES.map((engine) => outcome(() => call(engine)));
  expect(mine).toBe(theirs);
  return mine!;
}

const identity = libsignal.IdentityKeyPair.generate();
const pre = libsignal.PrivateKey.generate();
const kem = libsignal.KEMKeyPair.generate();
const signature = identity.privateKey.sign(pre.getPublicKey().serialize());

const SAMPLES: Record<string, Bytes> = {
  PublicKey: pre.getPublicKey().serialize(),
  PrivateKey: pre.serialize(),
  IdentityKeyPair: identity.serialize(),
  KEMPublicKey: kem.getPublicKey().serialize(),
  KEMSecretKey: kem.getSecretKey().serialize(),
  PreKeyRecord: libsignal.PreKeyRecord.new(7, pre.getPublicKey(), pre).serialize(),
  SignedPreKeyRecord: libsignal.SignedPreKeyRecord.new(
    8,
    1_700_000_000_123,
    pre.getPublicKey(),
    pre,
    signature,
  ).serialize(),
  KyberPreKeyRecord: libsignal.KyberPreKeyRecord.new(9, 1_700_000_000_123, kem, signature).serialize(),
};
type Kind = 'PublicKey' | 'PreKeyRecord';

const reserialize = (kind: string, bytes: Bytes) => (engine: Engine) =>
  engine[kind as Kind].deserialize(bytes).serialize();

describe.each(Object.entries(SAMPLES))('%s', (kind, sample) => {
  test('comes out as it went in', () => {
    expect(same(reserialize(kind, sample))).toBe(Buffer.from(sample).toString('hex'));
  });

  test('every truncation, a flipped bit in each byte, more bytes', () => {
    for (
      let at = 0;
      at < sample.length;
      at += sample.length > 500 && at > 80 && at < sample.length - 80 ? 97 : 1
    ) {
      same(reserialize(kind, sample.slice(0, at)));
      const flipped = sample.slice();
      flipped[at]! ^= 1 << (at % 8);
      same(reserialize(kind, flipped));
    }
    same(reserialize(kind, new Uint8Array([...sample, 0])));
  });
});

test('getters of records agree, also of empty ones', () => {
  for (const kind of ['PreKeyRecord', 'SignedPreKeyRecord', 'KyberPreKeyRecord'] as const) {
    for (const bytes of [SAMPLES[kind]!, new Uint8Array(0)]) {
      const members = ['id', 'timestamp', 'signature', 'publicKey', 'privateKey', 'secretKey'];
      for (const member of members.filter((name) => name in ours[kind].prototype)) {
        same((engine) => {
          const record = engine[kind].deserialize(bytes) as unknown as Record<
            string,
            () => { serialize?: () => Bytes }
          >;
          const value = record[member]!();
          return value.serialize ? value.serialize() : value;
        });
      }
    }
  }
});

test('numbers out of range', () => {
  for (const id of [-1, 0, 1.5, 2 ** 32 - 1, 2 ** 32, Number.NaN]) {
    same((engine) => {
      const key = engine.PrivateKey.generate();
      return engine.PreKeyRecord.new(id, key.getPublicKey(), key).id();
    });
  }
  for (const device of [-1, 0, 1, 127, 128, 256, 1.5]) {
    same((engine) => engine.ProtocolAddress.new('somebody', device).toString());
  }
  for (const timestamp of [-1, 0, 1.5, 2 ** 52]) {
    same((engine) => {
      const key = engine.PrivateKey.generate();
      return engine.SignedPreKeyRecord.new(
        1,
        timestamp,
        key.getPublicKey(),
        key,
        new Uint8Array(64),
      ).timestamp();
    });
  }
});

test('agreements, public keys and signatures cross over', () => {
  for (let i = 0; i < 25; i++) {
    const scalar = libsignal.PrivateKey.generate().serialize();
    const publicKey = same((engine) => engine.PrivateKey.deserialize(scalar).getPublicKey().serialize());
    const other = libsignal.PrivateKey.generate().getPublicKey().serialize();
    same((engine) => engine.PrivateKey.deserialize(scalar).agree(engine.PublicKey.deserialize(other)));
    const message = crypto.getRandomValues(new Uint8Array(i * 7));
    for (const [signer, verifier] of [ENGINES, [...ENGINES].reverse()] as [Engine, Engine][]) {
      const signed = signer.PrivateKey.deserialize(scalar).sign(message);
      const key = verifier.PublicKey.deserialize(Buffer.from(publicKey, 'hex'));
      expect(key.verify(message, signed)).toBe(true);
      for (const at of [0, 31, 32, 62, 63]) {
        const forged = signed.slice();
        forged[at]! ^= 0x80;
        expect(key.verify(message, forged)).toBe(false);
      }
    }
  }
  same((engine) =>
    engine.PrivateKey.generate().agree(engine.PublicKey.deserialize(new Uint8Array(33).fill(5, 0, 1))),
  );
});

test('alternate identities are vouched for across engines', () => {
  for (const [signer, verifier] of [ENGINES, [...ENGINES].reverse()] as [Engine, Engine][]) {
    const [first, second] = [signer.IdentityKeyPair.generate(), signer.IdentityKeyPair.generate()];
    const vouched = first.signAlternateIdentity(second.publicKey);
    const [key, other] = [first, second].map((pair) =>
      verifier.PublicKey.deserialize(pair.publicKey.serialize()),
    );
    expect(key!.verifyAlternateIdentity(other!, vouched)).toBe(true);
    expect(other!.verifyAlternateIdentity(key!, vouched)).toBe(false);
  }
});

test('both engines’ wire parsers agree on arbitrary bytes', () => {
  const versioned = fc
    .tuple(fc.constantFrom(0x44, 0x33, 0x34, 0x54, 0x24), fc.uint8Array({ maxLength: 80 }))
    .map(([version, rest]) => new Uint8Array([version, ...rest]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), versioned), (bytes) => {
      same((engine) => engine.SignalMessage.deserialize(bytes).counter());
      same((engine) => engine.PreKeySignalMessage.deserialize(bytes).registrationId());
      same((engine) => engine.PreKeyRecord.deserialize(bytes).id());
    }),
    { numRuns: 1500 },
  );
});

test('a session record says the same of itself', async () => {
  const answers: unknown[] = [];
  for (const engine of ENGINES) {
    const [a, b] = [newParty(engine, 'a', 11), newParty(engine, 'b', 22)];
    await a.begin('b', await b.publish());
    await a.send('b', new Uint8Array(1));
    const record = engine.SessionRecord.deserialize(a.sessions.get('b.1')!);
    const late = new Date(Date.now() + 31 * 86_400_000);
    const stranger = engine.PrivateKey.generate().getPublicKey();
    const says = () => [
      record.hasCurrentState(),
      record.hasCurrentState(late),
      record.currentRatchetKeyMatches(stranger),
      outcome(() => record.localRegistrationId()),
      outcome(() => record.remoteRegistrationId()),
    ];
    const before = says();
    record.archiveCurrentState();
    answers.push([before, says(), engine.SessionRecord.deserialize(new Uint8Array(0)).hasCurrentState()]);
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[1]).toEqual([
    [true, false, false, '11', '22'],
    [false, false, false, 'error 0', 'error 0'],
    false,
  ]);
});

test('each engine refuses the other’s session record by name', async () => {
  for (const [writer, reader] of [ENGINES, [...ENGINES].reverse()] as [Engine, Engine][]) {
    const [a, b] = [newParty(writer, 'a'), newParty(writer, 'b')];
    await a.begin('b', await b.publish());
    expect(outcome(() => reader.SessionRecord.deserialize(a.sessions.get('b.1')!))).toBe('error 7');
  }
});

test('errors read like libsignal’s', () => {
  const [theirs, mine] = ENGINES.map((engine) => {
    try {
      engine.PublicKey.deserialize(new Uint8Array(0));
    } catch (error) {
      return error as ratchet.LibSignalErrorBase;
    }
    throw new Error('not refused');
  });
  for (const field of ['name', 'code', 'operation', 'message'] as const)
    expect(mine![field]).toBe(theirs![field]);
  expect(mine!.toString()).toBe(theirs!.toString());
  expect(ratchet.LibSignalErrorBase.is(mine, ratchet.ErrorCode.Generic)).toBe(true);
  expect(ratchet.LibSignalErrorBase.is(new Error(), ratchet.ErrorCode.Generic)).toBe(false);
  expect(() => mine!.addr).toThrow(TypeError);
});

test('messages and bundles say the same of themselves', async () => {
  const [a, b] = [newParty(libsignal, 'a', 11), newParty(libsignal, 'b', 22)];
  const published = await b.publish();
  await a.begin('b', published);
  const first = await a.send('b', new Uint8Array(40));
  for (const getter of ['preKeyId', 'registrationId', 'signedPreKeyId', 'version', 'serialize'] as const) {
    same((engine) => engine.PreKeySignalMessage.deserialize(first.bytes)[getter]());
  }
  await b.receive('a', first);
  const second = await b.send('a', new Uint8Array(40));
  for (const getter of ['body', 'pqRatchet', 'counter', 'messageVersion', 'serialize'] as const) {
    same((engine) => engine.SignalMessage.deserialize(second.bytes)[getter]());
  }
  for (const bundle of [published, { ...published, preKey: undefined }]) {
    for (const getter of [
      'deviceId',
      'preKeyId',
      'registrationId',
      'signedPreKeyId',
      'signedPreKeySignature',
      'kyberPreKeyId',
      'kyberPreKeySignature',
    ] as const) {
      same((engine) => readBundle(engine, bundle)[getter]());
    }
    for (const getter of [
      'identityKey',
      'preKeyPublic',
      'signedPreKeyPublic',
      'kyberPreKeyPublic',
    ] as const) {
      same((engine) => readBundle(engine, bundle)[getter]()?.serialize());
    }
  }
});
