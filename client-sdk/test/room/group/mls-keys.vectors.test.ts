// MLS vectors of keys: labels and derivations, the key schedule, the secret tree, pre-shared keys, transcripts, encodings.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call -- vectors are JSON */
import { beforeAll, expect, test } from '@jest/globals';
import { mlsExporter } from 'ts-mls';
import { decodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import { determineLength } from 'ts-mls/codec/variableLength.js';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { verifyConfirmationTag } from 'ts-mls/framedContent.js';
import { encodeGroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { computePskSecret } from 'ts-mls/presharedkey.js';
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from 'ts-mls/secretTree.js';
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js';
import { fromHex, toHex } from '../../../src/crypto/index.ts';
import { type Suite, suiteOf } from '../../../src/room/group/suite.ts';
import { clientConfig, decoded, describeVectors, epochContext, vectors } from './mls-vectors.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await suiteOf('x25519');
});

describeVectors('MLS vectors: keys', () => {
  test('crypto-basics', async () => {
    const [v] = vectors('crypto-basics', 1);
    const { impl } = suite;
    const { kdf, hash, hpke, signature } = impl;
    const hex = (bytes: Uint8Array): string => toHex(bytes);
    expect(hex(await refhash(v.ref_hash.label, fromHex(v.ref_hash.value), hash))).toBe(v.ref_hash.out);
    const e = v.expand_with_label;
    expect(hex(await expandWithLabel(fromHex(e.secret), e.label, fromHex(e.context), e.length, kdf))).toBe(
      e.out,
    );
    const d = v.derive_secret;
    expect(hex(await deriveSecret(fromHex(d.secret), d.label, kdf))).toBe(d.out);
    const t = v.derive_tree_secret;
    expect(hex(await deriveTreeSecret(fromHex(t.secret), t.label, t.generation, t.length, kdf))).toBe(t.out);
    const s = v.sign_with_label;
    const own = await signWithLabel(fromHex(s.priv), s.label, fromHex(s.content), signature);
    for (const signed of [own, fromHex(s.signature)]) {
      expect(await verifyWithLabel(fromHex(s.pub), s.label, fromHex(s.content), signed, signature)).toBe(
        true,
      );
    }
    const x = v.encrypt_with_label;
    const secret = await hpke.importPrivateKey(fromHex(x.priv));
    const open = (enc: Uint8Array, ct: Uint8Array) =>
      decryptWithLabel(secret, x.label, fromHex(x.context), enc, ct, hpke);
    expect(hex(await open(fromHex(x.kem_output), fromHex(x.ciphertext)))).toBe(x.plaintext);
    const publicKey = await hpke.importPublicKey(fromHex(x.pub));
    const sealed = await encryptWithLabel(publicKey, x.label, fromHex(x.context), fromHex(x.plaintext), hpke);
    expect(hex(await open(sealed.enc, sealed.ct))).toBe(x.plaintext);
  });

  test('deserialization', () => {
    for (const v of vectors('deserialization', 14)) {
      expect(determineLength(fromHex(v.vlbytes_header)).length).toBe(v.length);
    }
  });

  test('key-schedule', async () => {
    const [v] = vectors('key-schedule', 1);
    expect(v.epochs).toHaveLength(5);
    let init = fromHex(v.initial_init_secret);
    for (const [i, e] of v.epochs.entries()) {
      const context = epochContext(suite, { ...v, ...e, epoch: i });
      expect(toHex(encodeGroupContext(context))).toBe(e.group_context);
      const made = await initializeEpoch(
        init,
        fromHex(e.commit_secret),
        context,
        fromHex(e.psk_secret),
        suite.impl.kdf,
      );
      const k = made.keySchedule;
      expect(toHex(made.joinerSecret)).toBe(e.joiner_secret);
      expect(toHex(made.welcomeSecret)).toBe(e.welcome_secret);
      expect(toHex(made.encryptionSecret)).toBe(e.encryption_secret);
      expect(toHex(k.initSecret)).toBe(e.init_secret);
      expect(toHex(k.senderDataSecret)).toBe(e.sender_data_secret);
      expect(toHex(k.exporterSecret)).toBe(e.exporter_secret);
      expect(toHex(k.externalSecret)).toBe(e.external_secret);
      expect(toHex(k.confirmationKey)).toBe(e.confirmation_key);
      expect(toHex(k.membershipKey)).toBe(e.membership_key);
      expect(toHex(k.resumptionPsk)).toBe(e.resumption_psk);
      expect(toHex(k.epochAuthenticator)).toBe(e.epoch_authenticator);
      const { publicKey } = await suite.impl.hpke.deriveKeyPair(k.externalSecret);
      expect(toHex(await suite.impl.hpke.exportPublicKey(publicKey))).toBe(e.external_pub);
      const { label, context: about, length, secret } = e.exporter;
      expect(toHex(await mlsExporter(k.exporterSecret, label, fromHex(about), length, suite.impl))).toBe(
        secret,
      );
      init = k.initSecret;
    }
  });

  test('psk_secret', async () => {
    for (const v of vectors('psk_secret', 11)) {
      const psks = v.psks.map((p: any) => [
        { psktype: 'external', pskId: fromHex(p.psk_id), pskNonce: fromHex(p.psk_nonce) },
        fromHex(p.psk),
      ]);
      expect(toHex(await computePskSecret(psks, suite.impl))).toBe(v.psk_secret);
    }
  });

  test('secret-tree', async () => {
    const { impl } = suite;
    for (const v of vectors('secret-tree', 3)) {
      const s = v.sender_data;
      const [secret, ciphertext] = [fromHex(s.sender_data_secret), fromHex(s.ciphertext)];
      expect(toHex(await expandSenderDataKey(impl, secret, ciphertext))).toBe(s.key);
      expect(toHex(await expandSenderDataNonce(impl, secret, ciphertext))).toBe(s.nonce);
      const tree = await createSecretTree(v.leaves.length, fromHex(v.encryption_secret), impl.kdf);
      for (const [leaf, generations] of v.leaves.entries()) {
        for (const g of generations) {
          for (const kind of ['handshake', 'application'] as const) {
            const [at] = await ratchetUntil(
              tree[2 * leaf]![kind],
              g.generation,
              clientConfig.keyRetentionConfig,
              impl.kdf,
            );
            expect(toHex(await deriveKey(at.secret, g.generation, impl))).toBe(g[`${kind}_key`]);
            expect(toHex(await deriveNonce(at.secret, g.generation, impl))).toBe(g[`${kind}_nonce`]);
          }
        }
      }
    }
  });

  test('transcript-hashes', async () => {
    const [v] = vectors('transcript-hashes', 1);
    const { hash } = suite.impl;
    const content: any = decoded(decodeAuthenticatedContent, v.authenticated_content);
    const input = {
      wireformat: content.wireformat,
      content: content.content,
      signature: content.auth.signature,
    };
    const confirmed = await createConfirmedHash(fromHex(v.interim_transcript_hash_before), input, hash);
    expect(toHex(confirmed)).toBe(v.confirmed_transcript_hash_after);
    const tag = content.auth.confirmationTag;
    expect(await verifyConfirmationTag(fromHex(v.confirmation_key), tag, confirmed, hash)).toBe(true);
    expect(toHex(await createInterimHash(confirmed, tag, hash))).toBe(v.interim_transcript_hash_after);
  });
});
