// The outbox as records: contents that wait to be sealed, and sealed blocks that the relay hasn't answered. A content
// is stored with its message in one transaction; a block once sealed keeps its bytes and append id over every restart.
import { bytes, flag, message, type TypeOf, uint } from '../content/wire-codec.ts';
import { orderedTable } from '../store/index.ts';

const queuedFields = {
  contentId: bytes(1, 16),
  type: uint(2),
  body: bytes(3, 0, 65_536),
  /** Sender's clock, Unix milliseconds. */
  at: uint(4),
  timerSeconds: uint(5),
  /** Parts of the current sealing; 0: still to be sealed. */
  parts: uint(6),
  answered: uint(7),
  /** Counts sealings: answers to blocks of an earlier one don't complete this one. */
  sealing: uint(8),
  /** Has a message in the history whose state is to be kept. */
  shown: flag(9),
  keptUntil: uint(10),
  /** In a room: how often it was said again, since nobody may have been able to read it. */
  again: uint(11),
};
export const queuedCodec = message(queuedFields);
/** A content on its way. */
export type Queued = TypeOf<typeof queuedCodec>;

export const sealedCodec = message({
  appendId: bytes(1, 16),
  block: bytes(2, 3_968),
  commitment: bytes(3, 32),
  /** Number of the content in the queue, and which sealing of it. */
  queued: uint(4),
  sealing: uint(5),
  /** Write id of the mailbox that it is for. */
  writeId: bytes(6, 24),
});
/** A block that may have left the device. */
export type Sealed = TypeOf<typeof sealedCodec>;

/** Partition: conversation id; key: `nextQueued`. */
export const queuedContents = orderedTable('queued', queuedCodec);
/** Partition: room; key: as it had in the queue. Sent, and not known to be of an epoch that others share (room/said.ts). */
export const saidContents = orderedTable('said', message({ ...queuedFields, epoch: uint(12) }));
/** Partition: conversation id; key: `nextSealed`. */
export const sealedBlocks = orderedTable('sealed', sealedCodec);
