// Malformed and hostile messages: our engine's verdict is libsignal's, and a refusal leaves the stored session
// byte-identical. Both engines get messages from the same sender, so only the receiver differs.
import { describe, expect, test } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, littleEndian32, type Bytes } from '../src/bytes.ts';
import { putTogether, takeApart, type RawPreKeyMessage } from './support/crafted.ts';
import { libsignal, ours, type Engine } from './support/engines.ts';
import { newParty, verdict, type Party, type Posted } from './support/party.ts';

const TEXT = new TextEncoder().encode('a message worth attacking');
const ENGINES = { libsignal, ours };

/** A receiver that can be set back to a moment, so that thousands of attacks meet the same state. */
class Target {
  readonly #party: Party;
  readonly #peer: string;
  readonly #saved: Map<string, Bytes>;
  readonly #preKeys: Map<number, Bytes>;

  constructor(party: Party, peer: string) {
    this.#party = party;
    this.#peer = peer;
    this.#saved = new Map(party.sessions);
    this.#preKeys = new Map(party.preKeys);
  }

  async attack(message: Posted): Promise<string> {
    const outcome = await verdict(this.#party.receive(this.#peer, message));
    if (outcome !== 'ok') {
      expect(this.#party.sessions).toEqual(this.#saved);
      expect(this.#party.preKeys).toEqual(this.#preKeys);
    }
    this.#party.sessions.clear();
    for (const [at, bytes] of this.#saved) this.#party.sessions.set(at, bytes);
    for (const [id, bytes] of this.#preKeys) this.#party.preKeys.set(id, bytes);
    return outcome;
  }
}

interface Scene {
  readonly target: Target;
  readonly message: Posted;
}

/** A first message, not yet received. */
async function firstMessage(engine: Engine): Promise<Scene> {
  const [a, b] = [newParty(libsignal, 'a'), newParty(engine, 'b')];
  await a.begin('b', await b.publish());
  const message = await a.send('b', TEXT);
  return { target: new Target(b, 'a'), message };
}

/** A message of a running session, not yet received; `earlier` was. */
async function laterMessage(engine: Engine): Promise<Scene & { readonly earlier: Posted }> {
  const [a, b] = [newParty(libsignal, 'a'), newParty(engine, 'b')];
  await a.begin('b', await b.publish());
  await b.receive('a', await a.send('b', TEXT));
  await a.receive('b', await b.send('a', TEXT));
  const earlier = await a.send('b', TEXT);
  await b.receive('a', earlier);
  const message = await a.send('b', TEXT);
  return { target: new Target(b, 'a'), message, earlier };
}

/** Runs the same attacks on both engines; one outcome a line, so that a difference shows where. */
async function onBoth(scene: (engine: Engine) => Promise<Scene>, attacks: (message: Posted) => Posted[]) {
  const outcomes: Record<string, string[]> = {};
  for (const [name, engine] of Object.entries(ENGINES)) {
    const { target, message } = await scene(engine);
    outcomes[name] = [];
    for (const [i, attack] of attacks(message).entries())
      outcomes[name].push(`${i}: ${await target.attack(attack)}`);
  }
  expect(outcomes['ours']).toEqual(outcomes['libsignal']);
  return outcomes['ours']!.map((line) => line.replace(/^\d+: /, ''));
}

const withBytes = ({ type }: Posted, bytes: Bytes): Posted => ({ type, bytes });

function truncations(message: Posted): Posted[] {
  return Array.from({ length: message.bytes.length }, (_, length) =>
    withBytes(message, message.bytes.slice(0, length)),
  );
}

function bitFlips(message: Posted): Posted[] {
  return Array.from({ length: message.bytes.length }, (_, at) => {
    const bytes = message.bytes.slice();
    bytes[at]! ^= 1 << (at % 8);
    return withBytes(message, bytes);
  });
}

function versions(message: Posted): Posted[] {
  return Array.from({ length: 256 }, (_, version) => {
    const bytes = message.bytes.slice();
    bytes[0] = version;
    return withBytes(message, bytes);
  });
}

/** A first message that was received: its session is known, current or archived. */
const knownFirstMessage =
  (archived: boolean) =>
  async (engine: Engine): Promise<Scene> => {
    const [a, b] = [newParty(libsignal, 'a'), newParty(engine, 'b')];
    await a.begin('b', await b.publish({ oneTime: false }));
    const message = await a.send('b', TEXT);
    await b.receive('a', message);
    if (archived) b.archive('a');
    return { target: new Target(b, 'a'), message };
  };

test.each([
  ['current', false],
  ['archived', true],
])(
  'a flipped bit in every byte of a first message whose session is %s',
  async (_name, archived) => {
    await onBoth(knownFirstMessage(archived), bitFlips);
  },
  60_000,
);

test('another identity in a first message of a known session is refused, and not saved', async () => {
  for (const engine of [libsignal, ours]) {
    const [a, b] = [newParty(libsignal, 'a'), newParty(engine, 'b')];
    await a.begin('b', await b.publish());
    await b.receive('a', await a.send('b', TEXT));
    const raw = takeApart((await a.send('b', TEXT)).bytes);
    const stranger = libsignal.IdentityKeyPair.generate().publicKey.serialize();
    b.trace = [];
    const forged = putTogether({ ...raw, identityKey: stranger });
    expect(await verdict(b.receive('a', { type: 3, bytes: forged }))).toBe('error 0');
    expect(b.trace).toEqual(['getSession', 'isTrustedIdentity 1']);
    expect(await verdict(b.receive('a', { type: 3, bytes: putTogether(raw) }))).toBe('ok');
  }
});

describe.each([
  ['a first message', firstMessage],
  ['a message of a running session', laterMessage],
] as const)('%s', (_name, scene) => {
  test('every truncation', async () => {
    const outcomes = await onBoth(scene, truncations);
    expect(outcomes).not.toContain('ok');
  }, 180_000);

  test('a flipped bit in every byte', async () => {
    await onBoth(scene, bitFlips);
  }, 120_000);

  test('every version byte', async () => {
    const outcomes = await onBoth(scene, versions);
    // The low nibble of a first message is nobody's concern; a SignalMessage's is under the MAC
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(scene === firstMessage ? 16 : 1);
  }, 180_000);

  test('bytes after the end', async () => {
    await onBoth(scene, (message) => [withBytes(message, concat(message.bytes, new Uint8Array(1)))]);
  });
});

test('a message of a running session, again and with another ending, is a duplicate', async () => {
  const outcomes: string[] = [];
  for (const engine of [libsignal, ours]) {
    const { target, earlier } = await laterMessage(engine);
    outcomes.push(await target.attack(earlier));
    const forged = earlier.bytes.slice();
    forged[forged.length - 1]! ^= 1;
    outcomes.push(await target.attack(withBytes(earlier, forged)));
  }
  expect(outcomes).toEqual(Array<string>(4).fill('error 1'));
});

test('a replayed first message is a duplicate and needs no pre-keys', async () => {
  for (const engine of [libsignal, ours]) {
    const [a, b] = [newParty(libsignal, 'a'), newParty(engine, 'b')];
    await a.begin('b', await b.publish());
    const first = await a.send('b', TEXT);
    const second = await a.send('b', TEXT);
    await b.receive('a', first);
    expect(b.preKeys.size).toBe(0);
    expect(await verdict(b.receive('a', first))).toBe('error 1');
    expect(await verdict(b.receive('a', second))).toBe('ok');
  }
});

/** A point of order 8. */
const TORSION = ed25519.Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const P = 2n ** 255n - 19n;

function withTorsion(publicKey: Uint8Array): Bytes {
  // Any point with this u will do: both lifts differ by a sign only
  const u = BigInt(`0x${Buffer.from(publicKey.slice(1).reverse()).toString('hex')}`);
  const invert = (value: bigint) => ed25519.Point.Fp.inv(value);
  const y = ed25519.Point.Fp.create((u - 1n) * invert((u + 1n) % P));
  const point = ed25519.Point.fromBytes(littleEndian32(y)).add(TORSION);
  return key(ed25519.utils.toMontgomery(point.toBytes()));
}

function key(u: Uint8Array): Bytes {
  return concat(new Uint8Array([5]), u);
}

describe('a first message with crafted parts', () => {
  const alter = (change: (raw: RawPreKeyMessage) => Partial<RawPreKeyMessage>) => async () => {
    const outcomes = await onBoth(firstMessage, (message) => {
      const raw = takeApart(message.bytes);
      return [withBytes(message, putTogether({ ...raw, ...change(raw) }))];
    });
    return outcomes[0];
  };
  const badPoints = {
    zero: littleEndian32(0n),
    one: littleEndian32(1n),
    'minus one': littleEndian32(P - 1n),
    p: littleEndian32(P),
    'p + 1': littleEndian32(P + 1n),
    '2^255 − 1': littleEndian32(2n ** 255n - 1n),
    'order 8': ed25519.utils.toMontgomery(TORSION.toBytes()),
    'the base point': littleEndian32(9n),
    'not on the curve': littleEndian32(2n),
  };

  test.each(Object.entries(badPoints))('base key: %s', async (_name, u) => {
    expect(await alter(() => ({ baseKey: key(u) }))()).toBe('error 0');
  });

  test.each(Object.entries(badPoints))('identity key: %s', async (_name, u) => {
    expect(await alter(() => ({ identityKey: key(u) }))()).toBe('error 0');
  });

  test('base key with the top bit set', async () => {
    const topBit = (bytes: Uint8Array) => bytes.with(32, bytes[32]! | 0x80);
    expect(await alter(({ baseKey }) => ({ baseKey: topBit(baseKey) }))()).toBe('error 0');
  });

  test('base key with a torsion component', async () => {
    expect(await alter(({ baseKey }) => ({ baseKey: withTorsion(baseKey) }))()).toBe('error 0');
  });

  test('base key with a byte after it is accepted, as libsignal does', async () => {
    expect(await alter(({ baseKey }) => ({ baseKey: concat(baseKey, new Uint8Array(1)) }))()).toBe('ok');
  });

  test.each([0, 7, 9, 10])('KEM ciphertext of type %i', async (type) => {
    expect(
      await alter(({ kyberCiphertext }) => ({ kyberCiphertext: kyberCiphertext!.with(0, type) }))(),
    ).toBe('error 0');
  });

  test.each([0, 1, 1568, 1570])('KEM ciphertext of %i bytes', async (length) => {
    const resized = (bytes: Uint8Array) => concat(bytes, new Uint8Array(1)).slice(0, length);
    expect(await alter(({ kyberCiphertext }) => ({ kyberCiphertext: resized(kyberCiphertext!) }))()).toBe(
      'error 0',
    );
  });

  test('without a KEM ciphertext, and with half of what it needs', async () => {
    expect(await alter(() => ({ kyberPreKeyId: undefined, kyberCiphertext: undefined }))()).toBe('error 0');
    expect(await alter(() => ({ kyberPreKeyId: undefined }))()).toBe('error 0');
    expect(await alter(() => ({ kyberCiphertext: undefined }))()).toBe('error 0');
  });

  test('naming pre-keys that are not there', async () => {
    expect(await alter(() => ({ preKeyId: 77 }))()).toBe('error 0');
    expect(await alter(() => ({ preKeyId: undefined }))()).toBe('error 0');
    expect(await alter(() => ({ signedPreKeyId: 77 }))()).toBe('error 0');
    expect(await alter(() => ({ kyberPreKeyId: 77 }))()).toBe('error 0');
  });

  test('another registration id is nobody’s concern', async () => {
    expect(await alter(() => ({ registrationId: 0xffffffff }))()).toBe('ok');
  });
});

describe('bundles', () => {
  const judge = async (change: (bundle: Awaited<ReturnType<Party['publish']>>) => object) => {
    const outcomes: string[] = [];
    for (const engine of [libsignal, ours]) {
      const [a, b] = [newParty(engine, 'a'), newParty(libsignal, 'b')];
      const bundle = await b.publish();
      outcomes.push(await verdict(a.begin('b', { ...bundle, ...change(bundle) })));
      expect(a.sessions.size).toBe(outcomes.at(-1) === 'ok' ? 1 : 0);
    }
    expect(outcomes[1]).toBe(outcomes[0]);
    return outcomes[1];
  };
  const flip = (bytes: Bytes, at: number) => bytes.with(at, bytes[at]! ^ 1);

  test('a flipped bit in either signature, or in what is signed', async () => {
    for (const at of [0, 31, 32, 63]) {
      expect(
        await judge(({ signed }) => ({ signed: { ...signed, signature: flip(signed.signature, at) } })),
      ).toBe('error 0');
      expect(
        await judge(({ kyber }) => ({ kyber: { ...kyber, signature: flip(kyber.signature, at) } })),
      ).toBe('error 0');
    }
    expect(await judge(({ signed }) => ({ signed: { ...signed, key: flip(signed.key, 7) } }))).toBe(
      'error 0',
    );
    expect(await judge(({ kyber }) => ({ kyber: { ...kyber, key: flip(kyber.key, 700) } }))).toBe('error 0');
    expect(await judge(({ signed }) => ({ signed: { ...signed, signature: new Uint8Array(0) } }))).toBe(
      'error 0',
    );
  });

  test('a one-time key whose agreement is all zero', async () => {
    expect(await judge(() => ({ preKey: { id: 1, key: key(littleEndian32(0n)) } }))).toBe('error 0');
    expect(await judge(() => ({ preKey: { id: 1, key: key(littleEndian32(2n)) } }))).toBe('ok');
  });

  test('a signed Kyber key out of range is refused, where libsignal reduces it: the one known departure', async () => {
    const outcomes: string[] = [];
    for (const engine of [libsignal, ours]) {
      const [a, b] = [newParty(engine, 'a'), newParty(libsignal, 'b')];
      const bundle = await b.publish();
      const wild = bundle.kyber.key.slice().fill(0xff, 1, 4);
      const kyber = { ...bundle.kyber, key: wild, signature: b.identity.privateKey.sign(wild) };
      outcomes.push(await verdict(a.begin('b', { ...bundle, kyber })));
    }
    expect(outcomes).toEqual(['ok', 'error 0']);
  });
});
