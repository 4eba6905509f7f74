// The MLS working group's test vectors against ts-mls with our own ciphersuite (group/suite.ts): all sixteen files, their
// numbers asserted. They lie outside the project; where they are absent the run says so. Their credentials are not
// rooms' (identity ≠ key), so the authentication service here accepts them; all else is as rooms configure it.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- vectors are JSON */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ClientState,
  decodeMlsMessage,
  encodeMlsMessage,
  joinGroup,
  makePskIndex,
  mlsExporter,
  processMessage,
  bytesToBase64,
  acceptAll,
} from 'ts-mls';
import { decodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js';
import { determineLength } from 'ts-mls/codec/variableLength.js';
import { decodeCommit, encodeCommit } from 'ts-mls/commit.js';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
import { verifyConfirmationTag } from 'ts-mls/framedContent.js';
import { encodeGroupContext, type GroupContext } from 'ts-mls/groupContext.js';
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, encodeGroupSecrets } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import {
  protectApplicationData,
  protectProposal,
  unprotectPrivateMessage,
} from 'ts-mls/messageProtection.js';
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { getCommitSecret, pathToRoot } from 'ts-mls/pathSecrets.js';
import { computePskSecret } from 'ts-mls/presharedkey.js';
import { toPrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import {
  decodeAdd,
  decodeExternalInit,
  decodeGroupContextExtensions,
  decodeProposal,
  decodePSK,
  decodeReinit,
  decodeRemove,
  decodeUpdate,
  encodeAdd,
  encodeExternalInit,
  encodeGroupContextExtensions,
  encodeProposal,
  encodePSK,
  encodeReinit,
  encodeRemove,
  encodeUpdate,
} from 'ts-mls/proposal.js';
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  type RatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from 'ts-mls/ratchetTree.js';
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from 'ts-mls/secretTree.js';
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
import { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js';
import { treeHash, treeHashRoot } from 'ts-mls/treeHash.js';
import {
  left,
  leafWidth,
  nodeWidth,
  parent,
  right,
  root,
  toLeafIndex,
  toNodeIndex,
} from 'ts-mls/treemath.js';
import { applyUpdatePath, createUpdatePath, decodeUpdatePath } from 'ts-mls/updatePath.js';
import { decryptGroupInfo, decryptGroupSecrets, encodeWelcome } from 'ts-mls/welcome.js';
import { fromHex, toHex } from '../../../src/crypto/index.ts';
import { clientConfig as roomConfig } from '../../../src/room/group/config.ts';
import { type Suite, suiteOf } from '../../../src/room/group/suite.ts';

const FOLDER =
  process.env['SOTTO_MLS_VECTORS'] ?? resolve(import.meta.dirname, '../../../../../shared/vectors/mls');
const isThere = existsSync(FOLDER);
// Said on the run itself, so that nobody takes silence for success.
if (!isThere)
  process.stderr.write(
    `mls vectors: skipped, there is no folder ${FOLDER} (SOTTO_MLS_VECTORS names another)\n`,
  );

const clientConfig = { ...roomConfig, authService: { validateCredential: () => Promise.resolve(true) } };
let suite: Suite;
beforeAll(async () => {
  suite = await suiteOf('x25519');
});

function vectors(name: string, count: number): any[] {
  const all = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as any[];
  expect(all).toHaveLength(count);
  for (const vector of all) expect(vector.cipher_suite ?? 1).toBe(1);
  return all;
}

function decoded<T>(decode: (bytes: Uint8Array, at: number) => [T, number] | undefined, hex: string): T {
  const bytes = fromHex(hex);
  const result = decode(bytes, 0);
  expect(result?.[1]).toBe(bytes.length);
  return result![0];
}

const message = (hex: string): any => decoded(decodeMlsMessage, hex);
const epochContext = (vector: any): GroupContext => ({
  version: 'mls10',
  cipherSuite: suite.impl.name,
  groupId: fromHex(vector.group_id),
  epoch: BigInt(vector.epoch),
  treeHash: fromHex(vector.tree_hash ?? ''),
  confirmedTranscriptHash: fromHex(vector.confirmed_transcript_hash),
  extensions: [],
});

(isThere ? describe : describe.skip)(
  isThere ? 'MLS vectors' : 'MLS vectors [not there: SOTTO_MLS_VECTORS names their folder]',
  () => {
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
      expect(hex(await deriveTreeSecret(fromHex(t.secret), t.label, t.generation, t.length, kdf))).toBe(
        t.out,
      );
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
      const sealed = await encryptWithLabel(
        publicKey,
        x.label,
        fromHex(x.context),
        fromHex(x.plaintext),
        hpke,
      );
      expect(hex(await open(sealed.enc, sealed.ct))).toBe(x.plaintext);
    });

    test('deserialization', () => {
      for (const v of vectors('deserialization', 14)) {
        expect(determineLength(fromHex(v.vlbytes_header)).length).toBe(v.length);
      }
    });

    test('tree-math', () => {
      for (const v of vectors('tree-math', 10)) {
        expect(nodeWidth(v.n_leaves)).toBe(v.n_nodes);
        expect(root(v.n_leaves)).toBe(v.root);
        for (let i = 0; i < v.n_nodes; i++) {
          if (v.left[i] !== null) expect(left(toNodeIndex(i))).toBe(v.left[i]);
          if (v.right[i] !== null) expect(right(toNodeIndex(i))).toBe(v.right[i]);
          if (v.parent[i] !== null) expect(parent(toNodeIndex(i), v.n_leaves)).toBe(v.parent[i]);
        }
      }
    });

    test('key-schedule', async () => {
      const [v] = vectors('key-schedule', 1);
      expect(v.epochs).toHaveLength(5);
      let init = fromHex(v.initial_init_secret);
      for (const [i, e] of v.epochs.entries()) {
        const context = epochContext({ ...v, ...e, epoch: i });
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

    test('message-protection', async () => {
      const [v] = vectors('message-protection', 1);
      const { impl } = suite;
      const context = epochContext(v);
      const key = fromHex(v.signature_pub);
      const tree: RatchetTree = [];
      // Two members; the second speaks. Its key is handed over beside the tree.
      for (const index of [0, 2]) tree[index] = { nodeType: 'leaf', leaf: {} as any };
      tree[1] = undefined;
      const secrets = () => createSecretTree(2, fromHex(v.encryption_secret), impl.kdf);
      const retention = clientConfig.keyRetentionConfig;
      const sender = fromHex(v.sender_data_secret);
      const privately = async (hex: string) =>
        (
          await unprotectPrivateMessage(
            sender,
            message(hex).privateMessage,
            await secrets(),
            tree,
            context,
            retention,
            impl,
            key,
          )
        ).content.content as any;
      const publicly = async (hex: string) =>
        (
          await unprotectPublicMessage(
            fromHex(v.membership_key),
            context,
            tree,
            message(hex).publicMessage,
            impl,
            key,
          )
        ).content as any;
      for (const open of [() => publicly(v.proposal_pub), () => privately(v.proposal_priv)]) {
        expect(toHex(encodeProposal((await open()).proposal))).toBe(v.proposal);
      }
      for (const open of [() => publicly(v.commit_pub), () => privately(v.commit_priv)]) {
        expect(toHex(encodeCommit((await open()).commit))).toBe(v.commit);
      }
      expect(toHex((await privately(v.application_priv)).applicationData)).toBe(v.application);
      const seed = fromHex(v.signature_priv);
      const data = new Uint8Array(0);
      const own = await protectApplicationData(
        seed,
        sender,
        fromHex(v.application),
        data,
        context,
        await secrets(),
        1,
        clientConfig.paddingConfig,
        impl,
      );
      const back = await unprotectPrivateMessage(
        sender,
        own.privateMessage,
        await secrets(),
        tree,
        context,
        retention,
        impl,
        key,
      );
      expect(toHex((back.content.content as any).applicationData)).toBe(v.application);
      const proposal = decoded(decodeProposal, v.proposal);
      const proposed = await protectProposal(
        seed,
        sender,
        proposal,
        data,
        context,
        await secrets(),
        1,
        clientConfig.paddingConfig,
        impl,
      );
      const opened = await unprotectPrivateMessage(
        sender,
        proposed.privateMessage,
        await secrets(),
        tree,
        context,
        retention,
        impl,
        key,
      );
      expect(toHex(encodeProposal((opened.content.content as any).proposal))).toBe(v.proposal);
    });

    test('messages', () => {
      for (const v of vectors('messages', 20)) {
        for (const name of [
          'mls_welcome',
          'mls_group_info',
          'mls_key_package',
          'public_message_application',
          'public_message_proposal',
          'public_message_commit',
          'private_message',
        ]) {
          expect(toHex(encodeMlsMessage(message(v[name])))).toBe(v[name]);
        }
        const round = (name: string, decode: any, encode: any) =>
          expect(toHex(encode(decoded(decode, v[name])))).toBe(v[name]);
        round('ratchet_tree', decodeRatchetTree, encodeRatchetTree);
        round('group_secrets', decodeGroupSecrets, encodeGroupSecrets);
        round('add_proposal', decodeAdd, encodeAdd);
        round('update_proposal', decodeUpdate, encodeUpdate);
        round('remove_proposal', decodeRemove, encodeRemove);
        round('pre_shared_key_proposal', decodePSK, encodePSK);
        round('re_init_proposal', decodeReinit, encodeReinit);
        round('external_init_proposal', decodeExternalInit, encodeExternalInit);
        round(
          'group_context_extensions_proposal',
          decodeGroupContextExtensions,
          encodeGroupContextExtensions,
        );
        round('commit', decodeCommit, encodeCommit);
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

    test('tree-operations', async () => {
      for (const v of vectors('tree-operations', 5)) {
        const before = decoded(decodeRatchetTree, v.tree_before);
        expect(toHex(await treeHashRoot(before, suite.impl.hash))).toBe(v.tree_hash_before);
        const proposal: any = decoded(decodeProposal, v.proposal);
        const apply: Record<string, () => RatchetTree> = {
          add: () => addLeafNode(before, proposal.add.keyPackage.leafNode)[0],
          update: () => updateLeafNode(before, proposal.update.leafNode, v.proposal_sender),
          remove: () => removeLeafNode(before, proposal.remove.removed),
        };
        const after = apply[proposal.proposalType]!();
        expect(toHex(encodeRatchetTree(after))).toBe(v.tree_after);
        expect(toHex(await treeHashRoot(after, suite.impl.hash))).toBe(v.tree_hash_after);
      }
    });

    test('tree-validation', async () => {
      const { impl } = suite;
      for (const v of vectors('tree-validation', 14)) {
        const tree = decoded(decodeRatchetTree, v.tree);
        for (const [index, expected] of v.tree_hashes.entries()) {
          expect(toHex(await treeHash(tree, toNodeIndex(index), impl.hash))).toBe(expected);
          expect(resolution(tree, toNodeIndex(index))).toEqual(v.resolutions[index]);
        }
        expect(await verifyParentHashes(tree, impl.hash)).toBe(true);
        for (const [index, node] of tree.entries()) {
          if (node?.nodeType !== 'leaf') continue;
          const { leaf } = node;
          const isSigned =
            leaf.leafNodeSource === 'key_package'
              ? verifyLeafNodeSignatureKeyPackage(leaf, impl.signature)
              : verifyLeafNodeSignature(leaf, fromHex(v.group_id), index / 2, impl.signature);
          expect(await isSigned).toBe(true);
        }
      }
    });

    test('treekem', async () => {
      const { impl } = suite;
      for (const v of vectors('treekem', 11)) {
        const tree = decoded(decodeRatchetTree, v.ratchet_tree);
        const context = { ...epochContext(v), treeHash: await treeHashRoot(tree, impl.hash) };
        const privates = new Map<number, any>();
        for (const leaf of v.leaves_private) {
          let privateKeys: Record<number, Uint8Array> = { [2 * leaf.index]: fromHex(leaf.encryption_priv) };
          for (const { node, path_secret } of leaf.path_secrets) {
            const path = await toPrivateKeyPath({ [node]: fromHex(path_secret) }, leaf.index, impl);
            const { publicKey } = await impl.hpke.deriveKeyPair(
              await deriveSecret(fromHex(path_secret), 'node', impl.kdf),
            );
            expect(toHex(await impl.hpke.exportPublicKey(publicKey))).toBe(
              toHex((tree[node] as any).parent.hpkePublicKey),
            );
            privateKeys = { ...privateKeys, ...path.privateKeys };
          }
          privates.set(leaf.index, {
            path: { leafIndex: leaf.index, privateKeys },
            seed: fromHex(leaf.signature_priv),
          });
        }
        for (const u of v.update_paths) {
          const path = decoded(decodeUpdatePath, u.update_path);
          const after = await applyUpdatePath(tree, toLeafIndex(u.sender), path, impl.hash);
          const hash = await treeHashRoot(after, impl.hash);
          expect(toHex(hash)).toBe(u.tree_hash_after);
          const sealedTo = { ...epochContext(v), epoch: BigInt(v.epoch), treeHash: hash };
          for (const [leaf, { path: own }] of privates) {
            if (leaf === u.sender) continue;
            const { nodeIndex, pathSecret } = await applyUpdatePathSecret(
              after,
              own,
              toLeafIndex(u.sender),
              sealedTo,
              path,
              [],
              impl,
            );
            expect(toHex(pathSecret)).toBe(u.path_secrets[leaf]);
            const secrets = await pathToRoot(after, toNodeIndex(nodeIndex), pathSecret, impl.kdf);
            const top = secrets[root(leafWidth(after.length))]!;
            expect(toHex(await deriveSecret(top, 'path', impl.kdf))).toBe(u.commit_secret);
          }
        }
        // And one of our own making, from every member to every other.
        for (const [sender, { seed }] of privates) {
          const before = { ...context, epoch: BigInt(v.epoch) };
          const [after, path, secrets] = await createUpdatePath(
            tree,
            toLeafIndex(sender),
            before,
            seed,
            impl,
          );
          const applied = await applyUpdatePath(tree, toLeafIndex(sender), path, impl.hash);
          const hash = await treeHashRoot(applied, impl.hash);
          expect(hash).toEqual(await treeHashRoot(after, impl.hash));
          const last = secrets.at(-1)!;
          const commitSecret = await getCommitSecret(
            after,
            toNodeIndex(last.nodeIndex),
            last.secret,
            impl.kdf,
          );
          const sealedTo = { ...before, epoch: before.epoch + 1n, treeHash: hash };
          for (const [leaf, { path: own }] of privates) {
            if (leaf === sender) continue;
            const opened = await applyUpdatePathSecret(
              applied,
              own,
              toLeafIndex(sender),
              sealedTo,
              path,
              [],
              impl,
            );
            const up = await pathToRoot(applied, toNodeIndex(opened.nodeIndex), opened.pathSecret, impl.kdf);
            expect(await deriveSecret(up[root(leafWidth(applied.length))]!, 'path', impl.kdf)).toEqual(
              commitSecret,
            );
          }
        }
      }
    });

    test('welcome', async () => {
      const [v] = vectors('welcome', 1);
      const { impl } = suite;
      const { keyPackage } = message(v.key_package);
      const { welcome } = message(v.welcome);
      const ref = await makeKeyPackageRef(keyPackage, impl.hash);
      const init = await impl.hpke.importPrivateKey(fromHex(v.init_priv));
      const secrets = (await decryptGroupSecrets(init, ref, welcome, impl.hpke))!;
      const noPsk = new Uint8Array(impl.kdf.size);
      const info = (await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk, impl))!;
      expect(await verifyGroupInfoSignature(info, fromHex(v.signer_pub), impl.signature)).toBe(true);
      expect(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, noPsk, impl)).toBe(true);
      expect(toHex(encodeMlsMessage(message(v.welcome)))).toBe(v.welcome);
      expect(v.welcome.endsWith(toHex(encodeWelcome(welcome)))).toBe(true);
    });

    test.each([
      ['passive-client-welcome', 8, 0],
      ['passive-client-handling-commit', 13, 26],
      ['passive-client-random', 1, 200],
    ])('%s', async (name, count, epochs) => {
      let seen = 0;
      for (const v of vectors(name, count)) seen += await follow(v);
      expect(seen).toBe(epochs);
    });

    async function follow(v: any): Promise<number> {
      const { impl } = suite;
      const { keyPackage } = message(v.key_package);
      const keys = {
        initPrivateKey: fromHex(v.init_priv),
        hpkePrivateKey: fromHex(v.encryption_priv),
        signaturePrivateKey: fromHex(v.signature_priv),
      };
      const psks = Object.fromEntries(
        v.external_psks.map((p: any) => [bytesToBase64(fromHex(p.psk_id)), fromHex(p.psk)]),
      ) as Record<string, Uint8Array>;
      const tree = v.ratchet_tree === null ? undefined : decoded(decodeRatchetTree, v.ratchet_tree);
      const { welcome } = message(v.welcome);
      let state: ClientState = await joinGroup(
        welcome,
        keyPackage,
        keys,
        makePskIndex(undefined, psks),
        impl,
        tree,
        undefined,
        clientConfig,
      );
      expect(toHex(state.keySchedule.epochAuthenticator)).toBe(v.initial_epoch_authenticator);
      for (const e of v.epochs) {
        for (const hex of [...e.proposals, e.commit]) {
          const { newState } = (await processMessage(
            message(hex),
            state,
            makePskIndex(state, psks),
            acceptAll,
            impl,
          )) as any;
          state = newState;
        }
        expect(toHex(state.keySchedule.epochAuthenticator)).toBe(e.epoch_authenticator);
      }
      return v.epochs.length;
    }
  },
);
