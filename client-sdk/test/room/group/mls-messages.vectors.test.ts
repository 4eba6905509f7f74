// MLS vectors of messages: their encodings, their protection, welcomes, and members that follow a group's whole life.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- vectors are JSON */
import { beforeAll, expect, test } from '@jest/globals';
import {
  type ClientState,
  encodeMlsMessage,
  joinGroup,
  makePskIndex,
  processMessage,
  bytesToBase64,
  acceptAll,
} from 'ts-mls';
import { decodeCommit, encodeCommit } from 'ts-mls/commit.js';
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { decodeGroupSecrets, encodeGroupSecrets } from 'ts-mls/groupSecrets.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import {
  protectApplicationData,
  protectProposal,
  unprotectPrivateMessage,
} from 'ts-mls/messageProtection.js';
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';
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
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { createSecretTree } from 'ts-mls/secretTree.js';
import { decryptGroupInfo, decryptGroupSecrets, encodeWelcome } from 'ts-mls/welcome.js';
import { fromHex, toHex } from '../../../src/crypto/index.ts';
import { type Suite, suiteOf } from '../../../src/room/group/suite.ts';
import { clientConfig, decoded, describeVectors, epochContext, message, vectors } from './mls-vectors.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await suiteOf('x25519');
});

describeVectors('MLS vectors: messages', () => {
  test('message-protection', async () => {
    const [v] = vectors('message-protection', 1);
    const { impl } = suite;
    const context = epochContext(suite, v);
    const key = fromHex(v.signature_pub);
    const tree: RatchetTree = [];
    // Two members; the second speaks. Its key is handed over beside the tree.
    for (const index of [0, 2]) tree[index] = { nodeType: 'leaf', leaf: {} as any };
    tree[1] = undefined;
    const secrets = () => createSecretTree(2, fromHex(v.encryption_secret), impl.kdf);
    const retention = clientConfig.keyRetentionConfig;
    const sender = fromHex(v.sender_data_secret);
    const unsealed = async (sealed: Parameters<typeof unprotectPrivateMessage>[1]) =>
      (await unprotectPrivateMessage(sender, sealed, await secrets(), tree, context, retention, impl, key))
        .content.content as any;
    const privately = (hex: string) => unsealed(message(hex).privateMessage);
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
    expect(toHex((await unsealed(own.privateMessage)).applicationData)).toBe(v.application);
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
    expect(toHex(encodeProposal((await unsealed(proposed.privateMessage)).proposal))).toBe(v.proposal);
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
      round('group_context_extensions_proposal', decodeGroupContextExtensions, encodeGroupContextExtensions);
      round('commit', decodeCommit, encodeCommit);
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
});
