// SPQR's state as bytes. Layout: docs/ratchet.md section 9.1. Decoding checks every length, order and range, since a
// state that breaks the engine's assumptions could make it reuse a key.
import { BinaryError, type BinaryReader, type BinaryWriter } from '../binary.ts';
import { CT1_BYTES, EK_VECTOR_BYTES, HEADER_BYTES, KEY_SEED_BYTES } from '../primitives/mlkem768.ts';
import type { BraidState } from './braid-state.ts';
import {
  CT1_MESSAGE_BYTES,
  CT2_MESSAGE_BYTES,
  EK_MESSAGE_BYTES,
  HEADER_MESSAGE_BYTES,
} from './braid-state.ts';
import type { ChainState, Link, ReceiveChain, SendChain } from './chain.ts';
import { MAX_OUT_OF_ORDER } from './chain.ts';
import type { Chunk, Decoder, Encoder } from './erasure.ts';
import { CHUNK_BYTES } from './erasure.ts';
import type { SpqrState } from './spqr.ts';

const KEM_MESSAGE_BYTES = 32;

/** Position in this list is the stored tag. */
const KINDS = [
  'keysUnsampled',
  'keysSampled',
  'headerSent',
  'ct1Received',
  'ekSentCt1Received',
  'noHeaderReceived',
  'headerReceived',
  'ct1Sampled',
  'ekReceivedCt1Sampled',
  'ct1Acknowledged',
  'ct2Sampled',
] as const satisfies readonly BraidState['kind'][];

export function writeSpqr(writer: BinaryWriter, state: SpqrState): void {
  writeBraid(writer, state.braid);
  writeChain(writer, state.chain);
}

/** @throws BinaryError */
export function readSpqr(reader: BinaryReader): SpqrState {
  const braid = readBraid(reader);
  const chain = readChain(reader);
  // The braid works on epoch e while the chain has e − 1, or e as soon as this side knows its secret
  const newest = chain.links.at(-1)!.epoch;
  const knowsSecret = ['ct1Sampled', 'ekReceivedCt1Sampled', 'ct1Acknowledged', 'ct2Sampled'].includes(
    braid.kind,
  );
  if (newest !== (knowsSecret ? braid.epoch : braid.epoch - 1)) throw new BinaryError('epochs');
  return { braid, chain };
}

function writeBraid(writer: BinaryWriter, state: BraidState): void {
  writer.u8(KINDS.indexOf(state.kind));
  writer.u64(state.epoch);
  writer.fixed(state.authenticator.root);
  writer.fixed(state.authenticator.macKey);
  switch (state.kind) {
    case 'keysUnsampled':
      break;
    case 'keysSampled':
      writer.fixed(state.keySeed);
      writeEncoder(writer, state.header);
      break;
    case 'headerSent':
      writer.fixed(state.keySeed);
      writeEncoder(writer, state.ek);
      writeDecoder(writer, state.ct1);
      break;
    case 'ct1Received':
      writer.fixed(state.keySeed);
      writeEncoder(writer, state.ek);
      writer.fixed(state.ct1);
      break;
    case 'ekSentCt1Received':
      writer.fixed(state.keySeed);
      writer.fixed(state.ct1);
      writeDecoder(writer, state.ct2);
      break;
    case 'noHeaderReceived':
      writeDecoder(writer, state.header);
      break;
    case 'headerReceived':
      writer.fixed(state.header);
      break;
    case 'ct1Sampled':
      writer.fixed(state.header);
      writer.fixed(state.secret);
      writeEncoder(writer, state.ct1);
      writeDecoder(writer, state.ek);
      break;
    case 'ekReceivedCt1Sampled':
      writer.fixed(state.header);
      writer.fixed(state.secret);
      writeEncoder(writer, state.ct1);
      writer.fixed(state.ek);
      break;
    case 'ct1Acknowledged':
      writer.fixed(state.header);
      writer.fixed(state.secret);
      writer.fixed(state.ct1);
      writeDecoder(writer, state.ek);
      break;
    case 'ct2Sampled':
      writeEncoder(writer, state.ct2);
      break;
  }
}

function readBraid(reader: BinaryReader): BraidState {
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new BinaryError('braid state');
  const epoch = reader.u64();
  if (epoch === 0) throw new BinaryError('braid epoch');
  const authenticator = { root: reader.fixed(32), macKey: reader.fixed(32) };
  const base = { epoch, authenticator };
  const seed = () => reader.fixed(KEY_SEED_BYTES);
  const encapsulating = () => ({
    header: reader.fixed(HEADER_BYTES),
    secret: reader.fixed(KEM_MESSAGE_BYTES),
  });
  // Properties are evaluated in order, which is the stored order
  switch (kind) {
    case 'keysUnsampled':
      return { kind, ...base };
    case 'keysSampled':
      return { kind, ...base, keySeed: seed(), header: readEncoder(reader, HEADER_MESSAGE_BYTES) };
    case 'headerSent': {
      const keySeed = seed();
      const ek = readEncoder(reader, EK_MESSAGE_BYTES);
      return { kind, ...base, keySeed, ek, ct1: readDecoder(reader, CT1_MESSAGE_BYTES) };
    }
    case 'ct1Received': {
      const keySeed = seed();
      const ek = readEncoder(reader, EK_MESSAGE_BYTES);
      return { kind, ...base, keySeed, ek, ct1: reader.fixed(CT1_BYTES) };
    }
    case 'ekSentCt1Received': {
      const keySeed = seed();
      const ct1 = reader.fixed(CT1_BYTES);
      return { kind, ...base, keySeed, ct1, ct2: readDecoder(reader, CT2_MESSAGE_BYTES) };
    }
    case 'noHeaderReceived':
      return { kind, ...base, header: readDecoder(reader, HEADER_MESSAGE_BYTES) };
    case 'headerReceived':
      return { kind, ...base, header: reader.fixed(HEADER_BYTES) };
    case 'ct1Sampled': {
      const held = encapsulating();
      const ct1 = readEncoder(reader, CT1_MESSAGE_BYTES);
      return { kind, ...base, ...held, ct1, ek: readDecoder(reader, EK_MESSAGE_BYTES) };
    }
    case 'ekReceivedCt1Sampled': {
      const held = encapsulating();
      const ct1 = readEncoder(reader, CT1_MESSAGE_BYTES);
      return { kind, ...base, ...held, ct1, ek: reader.fixed(EK_VECTOR_BYTES) };
    }
    case 'ct1Acknowledged': {
      const held = encapsulating();
      const ct1 = reader.fixed(CT1_BYTES);
      return { kind, ...base, ...held, ct1, ek: readDecoder(reader, EK_MESSAGE_BYTES) };
    }
    case 'ct2Sampled':
      return { kind, ...base, ct2: readEncoder(reader, CT2_MESSAGE_BYTES) };
  }
}

function writeEncoder(writer: BinaryWriter, encoder: Encoder): void {
  writer.fixed(encoder.message);
  writer.u16(encoder.next);
}

function readEncoder(reader: BinaryReader, length: number): Encoder {
  return { message: reader.fixed(length), next: reader.u16() };
}

function writeDecoder(writer: BinaryWriter, decoder: Decoder): void {
  writer.u8(decoder.chunks.length);
  for (const { index, data } of decoder.chunks) {
    writer.u16(index);
    writer.fixed(data);
  }
}

function readDecoder(reader: BinaryReader, length: number): Decoder {
  const needed = length / CHUNK_BYTES;
  const chunks = reader.list<Chunk>(reader.u8(), () => ({
    index: reader.u16(),
    data: reader.fixed(CHUNK_BYTES),
  }));
  if (chunks.length >= needed) throw new BinaryError('decoder is complete');
  requireRising(chunks);
  return { needed, chunks };
}

function requireRising(items: readonly { readonly index: number }[]): void {
  for (let i = 1; i < items.length; i++) {
    if (items[i]!.index <= items[i - 1]!.index) throw new BinaryError('order');
  }
}

function writeChain(writer: BinaryWriter, state: ChainState): void {
  writer.u8(state.direction === 'A2B' ? 0 : 1);
  writer.u64(state.sendEpoch);
  writer.fixed(state.nextRoot);
  writer.u32(state.links.length);
  for (const { epoch, send, receive } of state.links) {
    writer.u64(epoch);
    writer.u8(send ? 1 : 0);
    if (send) writePosition(writer, send);
    writePosition(writer, receive);
    writer.u16(receive.skipped.length);
    for (const { index, key } of receive.skipped) writePosition(writer, { index, key });
  }
}

function writePosition(writer: BinaryWriter, { index, key }: SendChain): void {
  writer.u32(index);
  writer.fixed(key);
}

function readPosition(reader: BinaryReader): SendChain {
  return { index: reader.u32(), key: reader.fixed(32) };
}

function readChain(reader: BinaryReader): ChainState {
  const direction = reader.flag() ? 'B2A' : 'A2B';
  const sendEpoch = reader.u64();
  const nextRoot = reader.fixed(32);
  const links = reader.list<Link>(reader.u32(), () => {
    const epoch = reader.u64();
    const send = reader.flag() ? readPosition(reader) : undefined;
    return { epoch, send, receive: readReceiveChain(reader) };
  });
  for (let i = 0; i < links.length; i++) {
    const { epoch, send } = links[i]!;
    if (epoch !== links[0]!.epoch + i) throw new BinaryError('links');
    if ((send === undefined) !== epoch < sendEpoch) throw new BinaryError('sending links');
  }
  if (!links.some(({ epoch }) => epoch === sendEpoch)) throw new BinaryError('sending epoch');
  return { direction, sendEpoch, nextRoot, links };
}

function readReceiveChain(reader: BinaryReader): ReceiveChain {
  const position = readPosition(reader);
  const skipped = reader.list(reader.u16(), () => readPosition(reader));
  requireRising(skipped);
  const inRange = ({ index }: SendChain) =>
    index < position.index && index + MAX_OUT_OF_ORDER >= position.index;
  if (!skipped.every(inRange)) throw new BinaryError('skipped keys');
  return { ...position, skipped };
}
