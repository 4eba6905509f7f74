// A group's state as bytes, for the device's store only: strict and versioned. A form of our own, because ts-mls' repeats
// the tree and its secrets for each of sixteen past epochs: 1.6 MB for a room of 200, written at every commit. When it
// is written, and under which key, is the room's runner's concern.
import type { ClientState } from 'ts-mls';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeGroupContext, type GroupContext, groupContextEncoder } from 'ts-mls/groupContext.js';
import type { KeySchedule } from 'ts-mls/keySchedule.js';
import { decodeRatchetTree, encodeRatchetTree, type RatchetTree } from 'ts-mls/ratchetTree.js';
import type { SecretTree } from 'ts-mls/secretTree.js';
import {
  bytes,
  flag,
  message,
  optionalBytes,
  repeated,
  type TypeOf,
  uint,
} from '../../content/wire-codec.ts';
import { concatBytes, equalBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { clientConfig } from './config.ts';
import { type GroupState, groupState } from './group.ts';
import { ROOM_SUITES, SUITE_NAMES, suiteOf } from './suite.ts';
import { bareLeaf, NO_RATCHET, PAST_EPOCHS, presentSecrets } from './thin.ts';
import { leafAt } from './tree.ts';

const VERSION = 2;
/** SHA-256's and SHA-512's length: of every secret, by suite. */
const MIN_SECRET = 32;
const MAX_SECRET = 64;
const MAX_KEY = 4_096;
const MAX_LEAVES = 256;
const MAX_PATH = 16;
const MAX_GENERATIONS = 0xffff_ffff;
const MAX_UNUSED = 4_096;
const MAX_CONTEXT = 65_536;
const MAX_TREE = 1_048_576;
/** In the order in which they are stored. */
const SCHEDULE = [
  'senderDataSecret',
  'exporterSecret',
  'externalSecret',
  'confirmationKey',
  'membershipKey',
  'resumptionPsk',
  'epochAuthenticator',
  'initSecret',
] as const satisfies readonly (keyof KeySchedule)[];

const pathKeyCodec = message({ node: uint(1, 2 * MAX_LEAVES), key: bytes(2, 1, MAX_KEY) });
const unusedCodec = message({
  generation: uint(1, MAX_GENERATIONS),
  secret: bytes(2, MIN_SECRET, MAX_SECRET),
});
const ratchetCodec = message({
  leaf: uint(1, MAX_LEAVES - 1),
  generation: uint(2, MAX_GENERATIONS),
  secret: bytes(3, MIN_SECRET, MAX_SECRET),
  unused: repeated(4, unusedCodec, MAX_UNUSED),
  /** In a past epoch, where the leaf is not the same pseudonym's now. */
  pseudonym: optionalBytes(5, 32),
});
const pastCodec = message({
  context: bytes(1, 1, MAX_CONTEXT),
  /** The context's extensions are the present ones, and left out. */
  sameExtensions: flag(2),
  senderDataSecret: bytes(3, MIN_SECRET, MAX_SECRET),
  ratchets: repeated(4, ratchetCodec, MAX_LEAVES),
});
const stateCodec = message({
  version: uint(1, 0xff),
  suite: uint(2, ROOM_SUITES.length - 1),
  context: bytes(3, 1, MAX_CONTEXT),
  tree: bytes(4, 1, MAX_TREE),
  confirmationTag: bytes(5, MIN_SECRET, MAX_SECRET),
  signatureSeed: bytes(6, 32),
  schedule: bytes(7, MIN_SECRET * SCHEDULE.length, MAX_SECRET * SCHEDULE.length),
  leaf: uint(8, MAX_LEAVES - 1),
  path: repeated(9, pathKeyCodec, MAX_PATH),
  ratchets: repeated(10, ratchetCodec, MAX_LEAVES),
  past: repeated(11, pastCodec, PAST_EPOCHS),
});
type RatchetRecord = TypeOf<typeof ratchetCodec>;

const encodeContext = encode(groupContextEncoder);

function corrupt(cause?: unknown): SottoError {
  return new SottoError('STORE_CORRUPT', { cause });
}

function ratchetRecords(tree: SecretTree, pseudonymAt: (leaf: number) => Uint8Array | undefined) {
  return presentSecrets(tree).map(({ index, node }): RatchetRecord => {
    const { secret, generation, unusedGenerations } = node.application;
    const unused = Object.entries(unusedGenerations).map(([at, key]) => ({
      generation: Number(at),
      secret: key,
    }));
    const leaf = index / 2;
    const pseudonym = pseudonymAt(leaf);
    return { leaf, generation, secret, unused, ...(pseudonym === undefined ? {} : { pseudonym }) };
  });
}

/** A state's only byte form. It holds secrets. */
export function encodeGroup({ mls, suite }: GroupState): Uint8Array {
  const { groupContext: now, ratchetTree } = mls;
  const past = [...mls.historicalReceiverData.values()].map((epoch) => {
    const { groupContext: then, senderDataSecret } = epoch;
    const sameExtensions = equalBytes(
      encodeContext({ ...then, extensions: now.extensions }),
      encodeContext(then),
    );
    const ratchets = ratchetRecords(epoch.secretTree, (leaf) => {
      const former = leafAt(epoch.ratchetTree, leaf)?.signaturePublicKey;
      const present = leafAt(ratchetTree, leaf)?.signaturePublicKey;
      const isSame = former !== undefined && present !== undefined && equalBytes(former, present);
      return isSame ? undefined : former;
    });
    const context = encodeContext(sameExtensions ? { ...then, extensions: [] } : then);
    return { context, sameExtensions, senderDataSecret, ratchets };
  });
  return stateCodec.encode({
    version: VERSION,
    suite: ROOM_SUITES.indexOf(suite.kind),
    context: encodeContext(now),
    tree: encodeRatchetTree(ratchetTree),
    confirmationTag: mls.confirmationTag,
    signatureSeed: mls.signaturePrivateKey,
    schedule: concatBytes(...SCHEDULE.map((name) => mls.keySchedule[name])),
    leaf: mls.privatePath.leafIndex,
    path: Object.entries(mls.privatePath.privateKeys).map(([node, key]) => ({ node: Number(node), key })),
    ratchets: ratchetRecords(mls.secretTree, () => undefined),
    past,
  });
}

/** Numbers rise, so that a list has one form. */
function rising<T>(items: readonly T[], numberOf: (item: T) => number | bigint): readonly T[] {
  items.forEach((item, i) => {
    const before = items[i - 1];
    if (before !== undefined && numberOf(before) >= numberOf(item)) throw corrupt();
  });
  return items;
}

function secretTreeOf(records: readonly RatchetRecord[]): SecretTree {
  const tree: SecretTree = [];
  for (const { leaf, generation, secret, unused } of rising(records, (record) => record.leaf)) {
    const kept = rising(unused, (one) => one.generation).map((one) => [one.generation, one.secret] as const);
    const unusedGenerations = Object.fromEntries(kept);
    tree[leaf * 2] = { application: { secret, generation, unusedGenerations }, handshake: NO_RATCHET };
  }
  return tree;
}

function contextOf(encoded: Uint8Array): GroupContext {
  const [context, length] = decodeGroupContext(encoded, 0) ?? [];
  if (context === undefined || length !== encoded.length) throw corrupt();
  return context;
}

function pastOf(record: TypeOf<typeof pastCodec>, now: GroupContext, tree: RatchetTree) {
  const then = contextOf(record.context);
  const groupContext = record.sameExtensions ? { ...then, extensions: now.extensions } : then;
  if (groupContext.epoch >= now.epoch) throw corrupt();
  const ratchetTree: RatchetTree = [];
  for (const { leaf, pseudonym } of record.ratchets) {
    const key = pseudonym ?? leafAt(tree, leaf)?.signaturePublicKey;
    if (key === undefined) throw corrupt();
    ratchetTree[leaf * 2] = { nodeType: 'leaf', leaf: bareLeaf(key) };
  }
  const { senderDataSecret } = record;
  const secretTree = secretTreeOf(record.ratchets);
  return { groupContext, ratchetTree, secretTree, senderDataSecret, resumptionPsk: new Uint8Array(0) };
}

function scheduleOf(joined: Uint8Array, secretBytes: number): KeySchedule {
  if (joined.length !== secretBytes * SCHEDULE.length) throw corrupt();
  const at = (i: number): Uint8Array => joined.slice(i * secretBytes, (i + 1) * secretBytes);
  return Object.fromEntries(SCHEDULE.map((name, i) => [name, at(i)])) as unknown as KeySchedule;
}

async function decode(encoded: Uint8Array): Promise<GroupState> {
  const record = stateCodec.decode(encoded);
  const kind = ROOM_SUITES[record.suite];
  const [tree, length] = decodeRatchetTree(record.tree, 0) ?? [];
  if (record.version !== VERSION || kind === undefined) throw corrupt();
  if (tree === undefined || length !== record.tree.length) throw corrupt();
  const suite = await suiteOf(kind);
  const groupContext = contextOf(record.context);
  if (groupContext.cipherSuite !== SUITE_NAMES[kind]) throw corrupt();
  const past = rising(
    record.past.map((one) => pastOf(one, groupContext, tree)),
    (one) => one.groupContext.epoch,
  );
  const path = rising(record.path, (one) => one.node).map(({ node, key }) => [node, key] as const);
  const mls: ClientState = {
    groupContext,
    ratchetTree: tree,
    keySchedule: scheduleOf(record.schedule, suite.impl.kdf.size),
    secretTree: secretTreeOf(record.ratchets),
    privatePath: { leafIndex: record.leaf, privateKeys: Object.fromEntries(path) },
    signaturePrivateKey: record.signatureSeed,
    unappliedProposals: {},
    confirmationTag: record.confirmationTag,
    historicalReceiverData: new Map(past.map((one) => [one.groupContext.epoch, one] as const)),
    groupActiveState: { kind: 'active' },
    clientConfig,
  };
  const state = groupState(suite, mls);
  if (!equalBytes(encodeGroup(state), encoded)) throw corrupt();
  return state;
}

/** @throws SottoError STORE_CORRUPT */
export async function decodeGroup(encoded: Uint8Array): Promise<GroupState> {
  try {
    return await decode(encoded);
  } catch (cause) {
    throw corrupt(cause);
  }
}
