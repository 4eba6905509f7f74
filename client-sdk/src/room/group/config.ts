// How rooms use MLS: what every leaf says of itself, what the group context must hold, how long keys are kept, and the
// authentication service that takes ts-mls' own (which accepts everybody) away. Roles and doors are rules.ts.
import {
  type Capabilities,
  type ClientConfig,
  decodeRequiredCapabilities,
  encodeRequiredCapabilities,
  type Extension,
} from 'ts-mls';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { equalBytes } from '../../crypto/index.ts';
import { SUITE_NAMES, type RoomSuite } from './suite.ts';

/** Of MLS' private range: the room's roles, in the group context. */
export const ROLES_EXTENSION = 0xf0a0;

/** What all leaves say, word for word: nothing in them tells one client from another. */
export function capabilitiesOf(suite: RoomSuite): Capabilities {
  return {
    versions: ['mls10'],
    ciphersuites: [SUITE_NAMES[suite]],
    extensions: [ROLES_EXTENSION],
    proposals: [],
    credentials: ['basic'],
  };
}

const REQUIRED = encodeRequiredCapabilities({
  extensionTypes: [ROLES_EXTENSION],
  proposalTypes: [],
  credentialTypes: ['basic'],
});
if (decodeRequiredCapabilities(REQUIRED, 0)?.[1] !== REQUIRED.length) throw new Error('unreachable');

/** The group context's extensions: these two, in this order. */
export function contextExtensions(roles: Uint8Array): Extension[] {
  return [
    { extensionType: 'required_capabilities', extensionData: REQUIRED },
    { extensionType: ROLES_EXTENSION, extensionData: roles },
  ];
}

/** @returns the roles' bytes, or undefined where the extensions are not what a room's are. */
export function rolesExtensionOf(extensions: readonly Extension[]): Uint8Array | undefined {
  const [required, roles] = extensions;
  const isRoom =
    extensions.length === 2 &&
    required?.extensionType === 'required_capabilities' &&
    equalBytes(required.extensionData, REQUIRED) &&
    roles?.extensionType === ROLES_EXTENSION;
  return isRoom ? roles.extensionData : undefined;
}

/** Whether a leaf says of itself just what every leaf of a room says, and is its pseudonym's. */
export function isRoomLeaf(leaf: LeafNode, suite: RoomSuite): boolean {
  const { credential, signaturePublicKey, capabilities: said } = leaf;
  const ours = capabilitiesOf(suite);
  const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    a.length === b.length && a.every((item, i) => item === b[i]);
  return (
    credential.credentialType === 'basic' &&
    signaturePublicKey.length === 32 &&
    equalBytes(credential.identity, signaturePublicKey) &&
    leaf.extensions.length === 0 &&
    leaf.leafNodeSource !== 'update' &&
    same(said.versions, ours.versions) &&
    same(said.ciphersuites, ours.ciphersuites) &&
    same(said.extensions, ours.extensions) &&
    same(said.proposals, ours.proposals) &&
    same(said.credentials, ours.credentials)
  );
}

/**
 * Kept for what arrives late. Members read one ordered log, so little does: a message sealed while commits were on
 * their way, or overtaken by its author's next ones. Forward steps bound what one forged message can cost.
 */
const keyRetentionConfig = {
  // Never reached: `pastWith` keeps sixteen, without what ts-mls would keep with them.
  retainKeysForEpochs: 64,
  retainKeysForGenerations: 64,
  maximumForwardRatchetSteps: 1_000,
};

/** Part of no stored state: added after decoding. */
export const clientConfig: ClientConfig = {
  keyRetentionConfig,
  lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: (a, b) => equalBytes(a.leafNode.signaturePublicKey, b.leafNode.signaturePublicKey),
    compareKeyPackageToLeafNode: (a, b) => equalBytes(a.leafNode.signaturePublicKey, b.signaturePublicKey),
  },
  // Blocks of the log have one size; padding inside would pad twice.
  paddingConfig: { kind: 'padUntilLength', padUntilLength: 0 },
  authService: {
    validateCredential: (credential, signaturePublicKey) =>
      Promise.resolve(
        credential.credentialType === 'basic' && equalBytes(credential.identity, signaturePublicKey),
      ),
  },
};
