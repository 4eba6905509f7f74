// A session state as bytes: our own, versioned format. Layout: docs/ratchet.md section 9.1.
// Not here: the record around current and archived states (record.ts).
import { BinaryError, BinaryReader, BinaryWriter } from '../binary.ts';
import type { Bytes } from '../bytes.ts';
import { readSpqr, writeSpqr } from '../spqr/codec.ts';
import { MAX_RECEIVING_CHAINS, MAX_SKIPPED } from './double-ratchet.ts';
import type { PendingPreKey, ReceivingChain, SendingChain, SessionState, SkippedSeed } from './state.ts';

const PUBLIC_KEY_BYTES = 33;
const KEM_CIPHERTEXT_BYTES = 1569;

export function encodeState(state: SessionState): Bytes {
  const writer = new BinaryWriter();
  writeState(writer, state);
  return writer.finish();
}

export function writeState(writer: BinaryWriter, state: SessionState): void {
  writer.fixed(state.localIdentity);
  writer.fixed(state.remoteIdentity);
  writer.u32(state.localRegistrationId);
  writer.u32(state.remoteRegistrationId);
  writer.fixed(state.baseKey);
  writer.fixed(state.rootKey);
  writer.u32(state.previousCounter);
  writer.fixed(state.sending.privateKey);
  writer.fixed(state.sending.publicKey);
  writer.fixed(state.sending.chainKey);
  writer.u32(state.sending.index);
  writer.u8(state.receiving.length);
  for (const chain of state.receiving) {
    writer.fixed(chain.ratchetKey);
    writer.fixed(chain.chainKey);
    writer.u32(chain.index);
    writer.u16(chain.skipped.length);
    for (const { index, seed } of chain.skipped) {
      writer.u32(index);
      writer.fixed(seed);
    }
  }
  writer.u8(state.pending ? 1 : 0);
  if (state.pending) writePending(writer, state.pending);
  writeSpqr(writer, state.spqr);
}

/** @throws BinaryError for anything that encodeState can't have made. */
export function decodeState(bytes: Bytes): SessionState {
  const reader = new BinaryReader(bytes);
  const state: SessionState = {
    localIdentity: readPublicKey(reader),
    remoteIdentity: readPublicKey(reader),
    localRegistrationId: reader.u32(),
    remoteRegistrationId: reader.u32(),
    baseKey: readPublicKey(reader),
    rootKey: reader.fixed(32),
    previousCounter: reader.u32(),
    sending: readSending(reader),
    receiving: readReceiving(reader),
    pending: reader.flag() ? readPending(reader) : undefined,
    spqr: readSpqr(reader),
  };
  reader.end();
  return state;
}

function readPublicKey(reader: BinaryReader): Bytes {
  const key = reader.fixed(PUBLIC_KEY_BYTES);
  if (key[0] !== 5) throw new BinaryError('key type');
  return key;
}

function readSending(reader: BinaryReader): SendingChain {
  const privateKey = reader.fixed(32);
  const publicKey = readPublicKey(reader);
  return { privateKey, publicKey, chainKey: reader.fixed(32), index: reader.u32() };
}

function readReceiving(reader: BinaryReader): ReceivingChain[] {
  const count = reader.u8();
  if (count > MAX_RECEIVING_CHAINS) throw new BinaryError('receiving chains');
  return reader.list(count, () => {
    const ratchetKey = readPublicKey(reader);
    const chainKey = reader.fixed(32);
    const index = reader.u32();
    const skipped = reader.list<SkippedSeed>(reader.u16(), () => ({
      index: reader.u32(),
      seed: reader.fixed(32),
    }));
    if (skipped.length > MAX_SKIPPED) throw new BinaryError('skipped keys');
    for (let i = 0; i < skipped.length; i++) {
      const limit = skipped[i + 1]?.index ?? index;
      if (skipped[i]!.index >= limit) throw new BinaryError('order of skipped keys');
    }
    return { ratchetKey, chainKey, index, skipped };
  });
}

function writePending(writer: BinaryWriter, pending: PendingPreKey): void {
  writer.u8(pending.preKeyId === undefined ? 0 : 1);
  if (pending.preKeyId !== undefined) writer.u32(pending.preKeyId);
  writer.u32(pending.signedPreKeyId);
  writer.u32(pending.kyberPreKeyId);
  writer.fixed(pending.kyberCiphertext);
  writer.u64(pending.createdSeconds);
}

function readPending(reader: BinaryReader): PendingPreKey {
  return {
    preKeyId: reader.flag() ? reader.u32() : undefined,
    signedPreKeyId: reader.u32(),
    kyberPreKeyId: reader.u32(),
    kyberCiphertext: reader.fixed(KEM_CIPHERTEXT_BYTES),
    createdSeconds: reader.u64(),
  };
}
