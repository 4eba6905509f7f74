// Members' messages: sealing the next one, opening what comes. The generation that a sealed message uses up must be
// stored before it leaves; a message opened twice opens once. Content and its author's proof are not its concern.
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  processPrivateMessage,
} from 'ts-mls';
import { emptyPskIndex } from 'ts-mls';
import { decodePrivateMessage, encodePrivateMessage, type PrivateMessage } from 'ts-mls/privateMessage.js';
import { decodeSenderData, type SenderData } from 'ts-mls/sender.js';
import { toNodeIndex } from 'ts-mls/treemath.js';
import { equalBytes } from '../../crypto/index.ts';
import { SottoError } from '../../errors.ts';
import { type GroupState, groupState, ownLeaf } from './group.ts';
import { leafAt, type Member, memberOf } from './tree.ts';

/** What a block holds, and some. */
const MAX_MESSAGE_BYTES = 8_192;
const MAX_AAD_BYTES = 256;

/** Where a message stands in its author's row of one epoch. */
export interface Opened {
  readonly next: GroupState;
  readonly sender: Member;
  readonly plaintext: Uint8Array;
  readonly aad: Uint8Array;
  readonly generation: number;
  readonly epoch: number;
  readonly spent: readonly Uint8Array[];
}

/** The generation that my next message will take. */
export function nextGeneration({ mls }: GroupState): number {
  return mls.secretTree[toNodeIndex(2 * mls.privatePath.leafIndex)]?.application.generation ?? 0;
}

/** @param aad - Seen by whoever holds the room's secret, changed by nobody; at most 256 bytes. */
export async function sealApp(
  own: GroupState,
  plaintext: Uint8Array,
  aad: Uint8Array = new Uint8Array(),
): Promise<{ next: GroupState; message: Uint8Array; generation: number; spent: readonly Uint8Array[] }> {
  const generation = nextGeneration(own);
  const sealed = await createApplicationMessage(own.mls, plaintext, own.suite.impl, aad);
  const next = groupState(own.suite, sealed.newState, own.roles);
  return { next, message: encodePrivateMessage(sealed.privateMessage), generation, spent: sealed.consumed };
}

/**
 * Opens a member's message of this epoch or one of the last sixteen.
 * @throws SottoError ROOM_UNREADABLE: one answer for everything that is wrong with it.
 */
export async function openApp(own: GroupState, message: Uint8Array): Promise<Opened> {
  try {
    return await open(own, message);
  } catch (cause) {
    throw new SottoError('ROOM_UNREADABLE', { cause });
  }
}

async function open(own: GroupState, bytes: Uint8Array): Promise<Opened> {
  const { mls, suite, roles } = own;
  const message = decodeMessage(bytes);
  if (!equalBytes(message.groupId, mls.groupContext.groupId)) throw new SottoError('ROOM_UNREADABLE');
  const ratchetTree = treeOf(mls, message.epoch);
  let sender: (SenderData & { member: Member }) | undefined;
  // Looked at while ts-mls opens them, before it acts on them: opened once, not once more for us.
  const watching = watchSenderData(suite.impl, message, (data) => {
    const leaf = data && leafAt(ratchetTree, data.leafIndex);
    if (data === undefined || leaf === undefined) throw new SottoError('ROOM_UNREADABLE');
    // My own messages I have from when I made them; another of mine is a copy of this device, or a forgery.
    if (message.epoch === mls.groupContext.epoch && data.leafIndex === ownLeaf(own)) {
      throw new SottoError('ROOM_UNREADABLE');
    }
    sender = { ...data, member: memberOf(data.leafIndex, leaf, roles) };
  });
  const result = await processPrivateMessage(mls, message, emptyPskIndex, watching, () => 'reject');
  if (result.kind !== 'applicationMessage' || sender === undefined) throw new SottoError('ROOM_UNREADABLE');
  return {
    next: groupState(suite, result.newState, roles),
    sender: sender.member,
    plaintext: result.message.slice(),
    aad: message.authenticatedData,
    generation: sender.generation,
    epoch: Number(message.epoch),
    spent: result.consumed,
  };
}

/** The suite, with `look` called on the sender's data of `message` as soon as they are opened. What it throws ends all. */
function watchSenderData(
  impl: CiphersuiteImpl,
  message: PrivateMessage,
  look: (data: SenderData | undefined) => void,
): CiphersuiteImpl {
  const decryptAead: CiphersuiteImpl['hpke']['decryptAead'] = async (key, nonce, associated, ciphertext) => {
    const plaintext = await impl.hpke.decryptAead(key, nonce, associated, ciphertext);
    if (ciphertext === message.encryptedSenderData) look(decodeSenderData(plaintext, 0)?.[0]);
    return plaintext;
  };
  return { ...impl, hpke: { ...impl.hpke, decryptAead } };
}

/** The epoch that a message says it is of; undefined for what is no message. Anyone can write any: nothing is proved by it. */
export function messageEpoch(bytes: Uint8Array): number | undefined {
  try {
    return Number(decodeMessage(bytes).epoch);
  } catch {
    return undefined;
  }
}

function treeOf(mls: ClientState, epoch: bigint): ClientState['ratchetTree'] {
  if (epoch === mls.groupContext.epoch) return mls.ratchetTree;
  const past = mls.historicalReceiverData.get(epoch);
  if (past === undefined) throw new SottoError('ROOM_UNREADABLE');
  return past.ratchetTree;
}

function decodeMessage(bytes: Uint8Array): PrivateMessage {
  if (bytes.length > MAX_MESSAGE_BYTES) throw new SottoError('ROOM_UNREADABLE');
  const copy = bytes.slice();
  const [message, length] = decodePrivateMessage(copy, 0) ?? [];
  const isWhole =
    message !== undefined &&
    length === copy.length &&
    message.contentType === 'application' &&
    message.authenticatedData.length <= MAX_AAD_BYTES &&
    equalBytes(encodePrivateMessage(message), copy);
  if (!isWhole) throw new SottoError('ROOM_UNREADABLE');
  return message;
}
