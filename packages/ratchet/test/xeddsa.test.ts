// Signatures that no honest signer makes, against libsignal's verdict; and signing by the published formula.
import { expect, test } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { concat, littleEndian32, type Bytes } from '../src/bytes.ts';
import { signingKey, xeddsaSign } from '../src/keys/xeddsa.ts';
import { L, scalarFrom } from '../src/primitives/edwards.ts';
import { systemRandom } from '../src/primitives/random.ts';
import { sha512 } from '../src/primitives/symmetric-node.ts';
import { libsignal, ours } from './support/engines.ts';

const { Point } = ed25519;
const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const MESSAGE = new Uint8Array([1, 2, 3]);

/** Both engines' verdict on a signature by the key with this u. */
function verdicts(u: Uint8Array, signature: Bytes): boolean[] {
  const key = concat(new Uint8Array([5]), u);
  return [libsignal, ours].map((engine) => engine.PublicKey.deserialize(key).verify(MESSAGE, signature));
}

type EdwardsPoint = typeof TORSION;

/** What goes into a signature: scalars, the points that stand for them (not always theirs), something added to s. */
interface Parts {
  readonly a: bigint;
  readonly keyPoint: EdwardsPoint;
  readonly r: bigint;
  readonly noncePoint: EdwardsPoint;
  readonly extra?: bigint;
}

/** A signature over MESSAGE with everything chosen. */
function craft({ a, keyPoint, r, noncePoint, extra = 0n }: Parts): { u: Uint8Array; signature: Bytes } {
  const [publicKey, nonce] = [keyPoint.toBytes(), noncePoint.toBytes()];
  const h = scalarFrom(sha512(nonce, publicKey, MESSAGE));
  const s = littleEndian32(((r + h * a) % L) + extra);
  s[31]! |= publicKey[31]! & 0x80;
  return { u: ed25519.utils.toMontgomery(publicKey), signature: concat(nonce, s) };
}

const newScalar = () => scalarFrom(systemRandom(64));

test('signing follows the formula to the byte', () => {
  for (let i = 0; i < 20; i++) {
    const privateKey = ours.PrivateKey.generate().serialize();
    const random = systemRandom(64);
    const a = scalarFrom(privateKey);
    const r = scalarFrom(sha512(new Uint8Array(32).fill(0xff).with(0, 0xfe), privateKey, MESSAGE, random));
    const { signature } = craft({
      a,
      keyPoint: Point.BASE.multiply(a),
      r,
      noncePoint: Point.BASE.multiply(r),
    });
    expect(xeddsaSign(signingKey(privateKey), MESSAGE, random)).toEqual(signature);
  }
});

test('honest signatures, and s not reduced: the engines agree', () => {
  const accepted = new Set<boolean>();
  for (let i = 0; i < 12; i++) {
    const [a, r] = [newScalar(), newScalar()];
    const [keyPoint, noncePoint] = [Point.BASE.multiply(a), Point.BASE.multiply(r)];
    for (const extra of [0n, L, 2n * L, 7n * L]) {
      const { u, signature } = craft({ a, keyPoint, r, noncePoint, extra });
      const [theirs, mine] = verdicts(u, signature);
      expect(mine).toBe(theirs);
      if (extra === 0n) expect(mine).toBe(true);
      else accepted.add(mine!);
    }
  }
  // libsignal takes an unreduced s as long as its top bits are clear
  expect([...accepted].sort()).toEqual([false, true]);
});

test('torsion in the key or the nonce, and points of small order: the engines agree', () => {
  for (let i = 0; i < 24; i++) {
    const [a, r] = [newScalar(), newScalar()];
    const multiple = BigInt(1 + (i % 7));
    const [keyPoint, noncePoint] = [Point.BASE.multiply(a), Point.BASE.multiply(r)];
    const torsion = TORSION.multiplyUnsafe(multiple);
    for (const { u, signature } of [
      craft({ a, keyPoint: keyPoint.add(torsion), r, noncePoint }),
      craft({ a, keyPoint, r, noncePoint: noncePoint.add(torsion) }),
      craft({ a, keyPoint: keyPoint.add(torsion), r, noncePoint: noncePoint.add(torsion) }),
      craft({ a: 0n, keyPoint: torsion, r, noncePoint }),
      craft({ a: 0n, keyPoint: torsion, r: 0n, noncePoint: torsion }),
      craft({ a: 0n, keyPoint: torsion, r: 0n, noncePoint: Point.ZERO }),
      craft({ a, keyPoint, r: 0n, noncePoint: Point.ZERO }),
    ]) {
      const [theirs, mine] = verdicts(u, signature);
      expect(mine).toBe(theirs);
    }
  }
});

test('keys that are no points, and malformed signatures: the engines agree', () => {
  const signature = libsignal.PrivateKey.generate().sign(MESSAGE);
  const us = [
    0n,
    1n,
    2n,
    2n ** 255n - 20n,
    2n ** 255n - 19n,
    2n ** 255n - 18n,
    2n ** 255n - 1n,
    2n ** 256n - 1n,
  ];
  for (const u of us.map(littleEndian32)) {
    for (const candidate of [
      signature,
      new Uint8Array(64),
      new Uint8Array(64).fill(0xff),
      new Uint8Array(64).with(0, 1),
    ]) {
      const [theirs, mine] = verdicts(u, candidate);
      expect(mine).toBe(theirs);
    }
  }
  for (const length of [0, 63, 65])
    expect(verdicts(littleEndian32(9n), new Uint8Array(length))).toEqual([false, false]);
});
