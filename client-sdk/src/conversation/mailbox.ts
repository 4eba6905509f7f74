// The two mailboxes of a conversation as records: the one that I own and read, and the peer's, which I write to.
// Keys are made here and written to the store before the relay hears of them. Talking to the relay is runner work.
import { channelIds } from '../net/index.ts';
import { asKey, randomBytes, randomKey, signingKeyPair } from '../crypto/index.ts';
import { bytes, flag, message, optionalBytes, text, type TypeOf, uint } from '../content/wire-codec.ts';
import type { Address } from '../content/packet.ts';
import type { ChannelPosition, ChannelSpec } from '../net/index.ts';
import { namedTable } from '../store/index.ts';

/** A relay and its pinned key. */
export interface RelayPin {
  readonly relay: string;
  readonly relayKey: Uint8Array;
}

export const ownMailboxCodec = message({
  relay: text(1, 200),
  relayKey: bytes(2, 32),
  /** The owner key at creation: the ids follow from it and the salt for ever. */
  originSeed: bytes(3, 32),
  ownerSeed: bytes(4, 32),
  readerSeed: bytes(5, 32),
  /** The first writer key: in the link, or told to the peer. */
  writerSeed: bytes(6, 32),
  salt: bytes(7, 32),
  readId: bytes(8, 24),
  writeId: bytes(9, 24),
  standing: flag(10),
  /** The peer's own writer key, once told: with it the mailbox is made again after a loss. */
  writerKey: optionalBytes(11, 32),
  /** The relay has it. */
  made: flag(12),
  incarnation: optionalBytes(13, 16),
  /** Last block processed in this incarnation. */
  cursor: uint(14),
  slotSequence: uint(15),
  /** Unix seconds of the newest bundle. */
  bundleAt: uint(16),
  /** Keys that are about to replace owner and reader key (an import is a move). */
  nextOwnerSeed: optionalBytes(17, 32),
  nextReaderSeed: optionalBytes(18, 32),
});
/** Partition: conversation or invite id; key: 'slot'. The bundle in the slot, kept to be published again. */
export const slotBlocks = namedTable(
  'slot',
  message({ appendId: bytes(1, 16), block: bytes(2, 3_968), published: flag(3) }),
);

/** A mailbox of mine. */
export type OwnMailbox = TypeOf<typeof ownMailboxCodec>;

export const peerMailboxCodec = message({
  relay: text(1, 200),
  relayKey: bytes(2, 32),
  writeId: bytes(3, 24),
  /** From the link or the peer; whoever has it may secure the mailbox, once. */
  firstSeed: bytes(4, 32),
  /** My own writer key. */
  writerSeed: bytes(5, 32),
  secured: flag(6),
  /** A standing address: its writer key is public, others write too. */
  shared: flag(7),
  incarnation: optionalBytes(8, 16),
  /** Highest sequence that the relay answered to me. */
  answered: uint(9),
});
/** The mailbox where the peer reads. */
export type PeerMailbox = TypeOf<typeof peerMailboxCodec>;

/** Fresh keys and ids. */
export function newOwnMailbox(pin: RelayPin, standing: boolean): OwnMailbox {
  const ownerSeed = randomKey('signing-seed');
  const salt = randomBytes(32);
  const { readId, writeId } = channelIds(signingKeyPair(ownerSeed).publicKey, salt);
  return {
    relay: pin.relay,
    relayKey: pin.relayKey,
    originSeed: ownerSeed,
    ownerSeed,
    readerSeed: randomKey('signing-seed'),
    writerSeed: randomKey('signing-seed'),
    salt,
    readId,
    writeId,
    standing,
    made: false,
    cursor: 0,
    slotSequence: 0,
    bundleAt: 0,
  };
}

/** What the relay needs to make this mailbox, the first time and after it lost its store. */
export function specOf(own: OwnMailbox): ChannelSpec {
  return {
    policy: 'mailbox',
    securing: own.standing ? 'never' : 'once',
    ownerSeed: asKey('signing-seed', own.originSeed),
    salt: own.salt,
    readerKey: signingKeyPair(asKey('signing-seed', own.readerSeed)).publicKey,
    writerKey: own.writerKey ?? signingKeyPair(asKey('signing-seed', own.writerSeed)).publicKey,
  };
}

/** A mailbox named by the peer, with a writer key of my own. */
export function peerMailboxAt(address: Address, fallback: RelayPin): PeerMailbox {
  return {
    relay: address.relay === '' ? fallback.relay : address.relay,
    relayKey: address.relayKey ?? fallback.relayKey,
    writeId: address.writeId,
    firstSeed: address.writerSeed,
    writerSeed: randomKey('signing-seed'),
    secured: false,
    shared: false,
    answered: 0,
  };
}

/** How to tell the peer of my mailbox; the relay is left out where the peer knows it. */
export function addressOf(own: OwnMailbox, known: RelayPin): Address {
  const same = own.relay === known.relay;
  return {
    relay: same ? '' : own.relay,
    writeId: own.writeId,
    writerSeed: own.writerSeed,
    ...(same ? {} : { relayKey: own.relayKey }),
  };
}

/** Where something on this device has got to, as the network layer wants it. */
export function positionOf(
  incarnation: Uint8Array | undefined,
  sequence: number,
): ChannelPosition | undefined {
  return incarnation === undefined ? undefined : { incarnation, sequence };
}
