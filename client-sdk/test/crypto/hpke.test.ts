// HPKE put together from our primitives, beside @hpke/core, which has the same suite by WebCrypto: each opens what the
// other sealed. The MLS vectors (room/group) run it too.
import { beforeAll, expect, test } from '@jest/globals';
import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import {
  hpkeKeyPair,
  hpkeOpen,
  hpkeReceiveExport,
  hpkeSeal,
  hpkeSendExport,
  randomBytes,
  ready,
  utf8,
  xWing,
} from '../../src/crypto/index.ts';

const core = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});
const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

beforeAll(ready);

test('each opens what the other sealed, and both derive the same pair and the same exports', async () => {
  for (const length of [0, 1, 64, 1_000]) {
    const ikm = randomBytes(32);
    const own = hpkeKeyPair(ikm);
    const theirs = await core.kem.deriveKeyPair(buffer(ikm));
    expect(own.publicKey).toEqual(new Uint8Array(await core.kem.serializePublicKey(theirs.publicKey)));
    const [info, associated, plaintext] = [randomBytes(length), randomBytes(length), randomBytes(length)];
    const sealed = await hpkeSeal({ publicKey: own.publicKey, info, associated, plaintext });
    const opened = await core.open(
      { recipientKey: theirs.privateKey, enc: buffer(sealed.enc), info: buffer(info) },
      buffer(sealed.ciphertext),
      buffer(associated),
    );
    expect(new Uint8Array(opened)).toEqual(plaintext);
    const from = await core.seal(
      { recipientPublicKey: theirs.publicKey, info: buffer(info) },
      buffer(plaintext),
      buffer(associated),
    );
    const { secretKey } = own;
    const back = { secretKey, enc: new Uint8Array(from.enc), ciphertext: new Uint8Array(from.ct) };
    expect(await hpkeOpen({ ...back, info, associated })).toEqual(plaintext);
    const context = utf8('export');
    const sent = hpkeSendExport(own.publicKey, { info, context }, 48);
    const at = await core.createRecipientContext({
      recipientKey: theirs.privateKey,
      enc: buffer(sent.enc),
      info: buffer(info),
    });
    expect(new Uint8Array(await at.export(buffer(context), 48))).toEqual(sent.secret);
    expect(hpkeReceiveExport(secretKey, sent.enc, { info, context }, 48)).toEqual(sent.secret);
  }
});

test('whatever was changed does not open, and keys of low order are refused', async () => {
  const { publicKey, secretKey } = hpkeKeyPair(randomBytes(32));
  const [info, associated, plaintext] = [utf8('info'), utf8('associated'), utf8('plaintext')];
  const { enc, ciphertext } = await hpkeSeal({ publicKey, info, associated, plaintext });
  const right = { secretKey, enc, ciphertext, info, associated };
  expect(await hpkeOpen(right)).toEqual(plaintext);
  const wrong = [
    { info: utf8('other') },
    { associated: utf8('other') },
    { ciphertext: ciphertext.slice(1) },
    { ciphertext: new Uint8Array(0) },
    { enc: hpkeKeyPair(randomBytes(32)).publicKey },
    { enc: new Uint8Array(32) },
    { secretKey: hpkeKeyPair(randomBytes(32)).secretKey },
  ];
  for (const change of wrong) {
    await expect(hpkeOpen({ ...right, ...change })).rejects.toMatchObject({ code: 'CRYPTO_OPEN' });
  }
  const low = { publicKey: new Uint8Array(32), info, associated, plaintext };
  await expect(hpkeSeal(low)).rejects.toMatchObject({ code: 'CRYPTO_OPEN' });
  await expect(hpkeSeal({ ...low, publicKey: new Uint8Array(31) })).rejects.toMatchObject({
    code: 'CRYPTO_KEY_LENGTH',
  });
});

test('the hybrid one: a pair follows from its seed, and only that pair opens', async () => {
  const kem = await xWing();
  const { publicKey, secretKey } = await kem.keyPair(new Uint8Array(32).fill(7));
  expect(publicKey).toHaveLength(1_216);
  expect((await kem.keyPair(new Uint8Array(32).fill(7))).publicKey).toEqual(publicKey);
  const [info, associated, plaintext] = [utf8('info'), utf8('associated'), utf8('plaintext')];
  const { enc, ciphertext } = await kem.seal({ publicKey, info, associated, plaintext });
  expect(enc).toHaveLength(1_120);
  const sealed = { secretKey, enc, info, associated, ciphertext };
  expect(await kem.open(sealed)).toEqual(plaintext);
  const other = await kem.keyPair(randomBytes(32));
  for (const change of [{ secretKey: other.secretKey }, { info: utf8('x') }, { enc: enc.slice(1) }]) {
    await expect(kem.open({ ...sealed, ...change })).rejects.toMatchObject({ code: 'CRYPTO_OPEN' });
  }
  const of = { info, context: utf8('export') };
  const sent = await kem.sendExport(publicKey, of, 64);
  expect(await kem.receiveExport(secretKey, sent.enc, of, 64)).toEqual(sent.secret);
});
