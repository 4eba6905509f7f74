// Known answers from the primitives' own standards, and the refusals that callers lean on.
import { beforeAll, expect, test } from '@jest/globals';
import { blake2b } from '@noble/hashes/blake2.js';
import { expand } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import * as c from '../../src/crypto/index.ts';

beforeAll(c.ready);

const none = new Uint8Array(0);

test('SHA-256 of "abc" (FIPS 180-4), HMAC case 1 (RFC 4231), HKDF case 1 (RFC 5869)', () => {
  expect(c.toHex(c.sha256(c.utf8('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(c.toHex(c.hmacSha256(new Uint8Array(20).fill(0x0b), c.utf8('Hi There')))).toBe(
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
  const okm = c.hkdfSha256({
    secret: new Uint8Array(22).fill(0x0b),
    salt: c.fromHex('000102030405060708090a0b0c'),
    info: c.fromHex('f0f1f2f3f4f5f6f7f8f9'),
    lengthBytes: 42,
  });
  expect(c.toHex(okm)).toBe(
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  );
});

test('HMAC and HKDF are what another library makes of any key, text and length', () => {
  const bytes = fc.uint8Array({ maxLength: 3_000 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat({ max: 8_160 }), (key, text, length) => {
      expect(c.hmacSha256(key, text)).toEqual(hmac(sha256, key, text));
      const secret = c.sha256(key);
      expect(c.hkdfExpandSha256(secret, text, length)).toEqual(expand(sha256, secret, text, length));
    }),
    { numRuns: 100, examples: [[none, none, 0]] },
  );
  const refused = expect.objectContaining({ code: 'CRYPTO_KEY_LENGTH' });
  expect(() => c.hkdfExpandSha256(c.randomBytes(32), none, 8_161)).toThrow(refused);
  expect(() => c.hkdfExpandSha256(c.randomBytes(31), none, 32)).toThrow(refused);
});

test('Ed25519: RFC 8032 test 2, and what is refused', () => {
  const seed = c.asKey(
    'signing-seed',
    c.fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  );
  const pair = c.signingKeyPair(seed);
  const message = c.fromHex('72');
  const signature = c.sign(pair, message);
  expect(c.toHex(pair.publicKey)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
  expect(c.toHex(signature)).toBe(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  );
  expect(() => c.verify(pair.publicKey, message, signature)).not.toThrow();
  const refused = expect.objectContaining({ code: 'CRYPTO_SIGNATURE' });
  expect(() => c.verify(pair.publicKey, c.fromHex('73'), signature)).toThrow(refused);
  expect(() => c.verify(pair.publicKey, message, signature.subarray(1))).toThrow(refused);
  expect(() => c.verify(none as c.VerifyKey, message, signature)).toThrow(refused);
  expect(() => c.asKey('signing-seed', new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: 'CRYPTO_KEY_LENGTH' }),
  );
});

test('X25519: RFC 7748 section 6.1; low order refused', () => {
  const alice = c.asKey(
    'box-secret',
    c.fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
  );
  const bob = c.asKey(
    'box-public',
    c.fromHex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
  );
  expect(c.toHex(c.boxPublicKey(alice))).toBe(
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
  );
  expect(c.toHex(c.agree(alice, bob))).toBe(
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  );
  expect(() => c.agree(alice, c.asKey('box-public', new Uint8Array(32)))).toThrow(
    expect.objectContaining({ code: 'CRYPTO_OPEN' }),
  );
});

test('XChaCha20-Poly1305: the vector of draft-irtf-cfrg-xchacha-03 appendix A.3.1', () => {
  const key = c.asKey('seal', c.fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'));
  const plaintext = c.utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const nonce = c.fromHex('404142434445464748494a4b4c4d4e4f5051525354555657');
  const associated = c.fromHex('50515253c0c1c2c3c4c5c6c7');
  const ciphertext = c.sealWithNonce({ key, nonce, plaintext, associated });
  expect(c.toHex(ciphertext.subarray(0, 16))).toBe('bd6d179d3e83d43b9576579493c0e939');
  expect(c.toHex(ciphertext.subarray(-16))).toBe('c0875924c1c7987947deafd8780acf49');
  expect(c.tryOpenWithNonce({ key, nonce, ciphertext, associated })).toEqual(plaintext);
});

test('sealed bytes open with their key and associated data only; every flipped bit is refused', () => {
  const key = c.randomKey('seal');
  const sealed = c.seal(key, c.utf8('quiet'), c.utf8('row'));
  expect(sealed.length).toBe(5 + c.SEAL_OVERHEAD);
  expect(c.fromUtf8(c.open(key, sealed, c.utf8('row')))).toBe('quiet');
  expect(c.tryOpen(key, sealed, c.utf8('rob'))).toBeUndefined();
  expect(c.tryOpen(c.randomKey('seal'), sealed, c.utf8('row'))).toBeUndefined();
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const bent = sealed.slice();
    bent[bit >> 3]! ^= 1 << (bit & 7);
    expect(c.tryOpen(key, bent, c.utf8('row'))).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => c.open(key, sealed.subarray(0, length), c.utf8('row'))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_OPEN' }),
    );
  }
});

test('sealed boxes open with their pair only', () => {
  const pair = c.boxKeyPair();
  const box = c.sealToBox(pair.publicKey, c.utf8('to you'));
  expect(box.length).toBe(6 + c.SEALED_BOX_OVERHEAD);
  expect(c.fromUtf8(c.openBox(pair, box))).toBe('to you');
  expect(c.tryOpenBox(c.boxKeyPair(), box)).toBeUndefined();
  expect(() => c.openBox(pair, box.subarray(0, 47))).toThrow(
    expect.objectContaining({ code: 'CRYPTO_OPEN' }),
  );
});

test('keyed BLAKE2b agrees with a second implementation; derived keys differ by role and purpose', () => {
  const key = c.asKey(
    'hash',
    Uint8Array.from({ length: 32 }, (_, i) => i),
  );
  for (const [length, message] of [
    [16, none],
    [32, c.utf8('abc')],
    [64, c.randomBytes(300)],
  ] as const) {
    expect(c.toHex(c.keyedHash(key, message, length))).toBe(
      c.toHex(blake2b(message, { key, dkLen: length })),
    );
  }
  const names = [c.deriveKey(key, 'seal', 'a'), c.deriveKey(key, 'hash', 'a'), c.deriveKey(key, 'seal', 'b')];
  expect(new Set(names.map(c.toHex)).size).toBe(3);
});

test('Argon2id gives the RFC-conformant hash for known input', async () => {
  const key = await c.argon2idKey(c.utf8('password'), c.utf8('somesalt'), { passes: 2, memoryKib: 65_536 });
  expect(c.toHex(key)).toBe('09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7');
});

test('base64url and hex: round trip, strict, as the platform encodes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(c.toBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(c.fromBase64url(c.toBase64url(bytes))).toEqual(bytes);
      expect(c.fromHex(c.toHex(bytes))).toEqual(bytes);
    }),
  );
  const refused = expect.objectContaining({ code: 'CRYPTO_ENCODING' });
  for (const bad of ['A', 'AA=', 'AB', 'A A', 'A+', 'AAAAA', 'äA'])
    expect(() => c.fromBase64url(bad)).toThrow(refused);
  for (const bad of ['0', '0g', 'é0']) expect(() => c.fromHex(bad)).toThrow(refused);
  expect(() => c.fromUtf8(Uint8Array.of(0xff))).toThrow(refused);
});

test('random bytes of any length, equality and wiping', () => {
  expect(
    c
      .randomBytes(200_000)
      .subarray(199_000)
      .some((byte) => byte !== 0),
  ).toBe(true);
  const a = c.randomBytes(9);
  expect(c.equalBytes(a, a.slice())).toBe(true);
  expect(c.equalBytes(a, a.subarray(1))).toBe(false);
  expect(c.equalBytes(a, c.concatBytes(a.subarray(0, 8), Uint8Array.of(a[8]! ^ 1)))).toBe(false);
  c.wipe(a, undefined);
  expect(a).toEqual(new Uint8Array(9));
});
