// The right to write to the peer's mailbox: secures it with a key of mine when first used, finds back to it after a
// crash or a lost store, repeats what an earlier run sealed, and tells what the relay remembers of me. What is sealed
// and when is the runner's concern.
import { asKey } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import type {
  AppendOutcome,
  ChannelPosition,
  ReaderHandle,
  RelaySession,
  WriterHandle,
  WriterHistory,
} from '../net/index.ts';
import type { Sealed } from '../outbox/record.ts';
import { type PeerMailbox, positionOf } from './mailbox.ts';

/** Where the relay stood with this writer. */
export interface Standing {
  readonly verdict: WriterHistory['verdict'];
  readonly incarnation: Uint8Array;
  readonly lastSequence: number;
}

export interface PeerWriterOptions {
  readonly session: RelaySession;
  readonly peer: PeerMailbox;
  /** Sealed blocks that may have left in an earlier run, by number. */
  readonly rows: readonly { readonly key: number; readonly value: Sealed }[];
  /** The relay accepted my own writer key. Written down before anything is sent under it. */
  readonly onSecured: (baseline: { incarnation: Uint8Array | undefined; sequence: number }) => Promise<void>;
  readonly onAnswer: (key: number, outcome: AppendOutcome) => void;
  readonly onRejected: (key: number, error: unknown) => void;
  /** Called at each proof, before anything new is sent under it. */
  readonly onStanding: (standing: Standing) => void;
  /** The right was lost after `open`. */
  readonly onLost: (error: unknown) => void;
}

/** One opened right. It may be used when `open` resolved. */
export class PeerWriter {
  private readonly options: PeerWriterOptions;
  private handle: WriterHandle | undefined;
  private opened = false;

  constructor(options: PeerWriterOptions) {
    this.options = options;
  }

  /**
   * Proves the right, securing the mailbox where that is still to be done.
   * @throws SottoError NET_LINK_DEAD where neither key opens it; NET_SUPERSEDED where someone else secured it.
   */
  async open(): Promise<void> {
    await this.openEither();
    this.opened = true;
  }

  private async openEither(): Promise<void> {
    const { peer } = this.options;
    if (peer.shared) {
      await this.prove(peer.firstSeed, false);
      return;
    }
    const resume = (): Promise<void> => this.resume();
    const secure = (): Promise<void> => this.secure();
    const steps = peer.secured ? [resume, secure] : [secure, resume];
    let first: unknown;
    for (const step of steps) {
      try {
        await step();
        return;
      } catch (error) {
        this.close();
        if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) throw error;
        first ??= error;
      }
    }
    throw first;
  }

  /** Sends a freshly sealed block. */
  send(key: number, block: Sealed): void {
    this.submit(key, block, false);
  }

  readSlot(): ReturnType<ReaderHandle['readSlot']> {
    if (this.handle === undefined) throw new SottoError('NET_CLOSED');
    return this.handle.readSlot();
  }

  /** The peer was heard from, so it is reading too. */
  peerSeen(): void {
    this.handle?.readerSeen();
  }

  /** The held right: what a spill counts against. */
  get right(): WriterHandle | undefined {
    return this.handle;
  }

  get alive(): boolean {
    const state = this.handle?.status.state;
    return state === 'active' || state === 'waiting';
  }

  close(): void {
    this.handle?.release();
    this.handle = undefined;
  }

  /** With my own key, as after every restart. */
  private async resume(): Promise<void> {
    const { peer, onSecured, onStanding } = this.options;
    if (peer.secured) {
      await this.prove(peer.writerSeed, true);
      return;
    }
    // Secured, and the answer lost. Blocks that are there already were sent by a later state of this profile.
    const at = await this.prove(peer.writerSeed, false);
    await onSecured({ incarnation: at.incarnation, sequence: at.lastSequence });
    if (at.lastSequence > 0) onStanding({ ...at, verdict: 'rewound' });
  }

  /** With the key that I was given, replacing it by mine. The handle goes on under the new key. */
  private async secure(): Promise<void> {
    const { peer, onSecured, onStanding, rows } = this.options;
    let proved: Standing | undefined;
    const handle = this.hold(peer.firstSeed, undefined, {
      proved: (standing) => {
        proved ??= standing;
      },
      dead: () => undefined,
    });
    await handle.secure(asKey('signing-seed', peer.writerSeed));
    await onSecured({ incarnation: proved?.incarnation, sequence: proved?.lastSequence ?? 0 });
    // Secured once already, and open to the first key again: it was made anew after a loss.
    if (peer.secured && proved !== undefined) onStanding({ ...proved, verdict: 'new-store' });
    for (const { key, value } of rows) this.submit(key, value, true);
  }

  /** Opens the right and submits what an earlier run sealed, in the same turn. */
  private prove(seed: Uint8Array, compare: boolean): Promise<Standing> {
    const { peer, rows, onStanding } = this.options;
    return new Promise((resolve, reject) => {
      const known = compare ? positionOf(peer.incarnation, peer.answered) : undefined;
      this.hold(seed, known, {
        proved: (standing) => {
          onStanding(standing);
          resolve(standing);
        },
        dead: reject,
      });
      for (const { key, value } of rows) this.submit(key, value, true);
    });
  }

  private hold(
    seed: Uint8Array,
    known: ChannelPosition | undefined,
    hear: { proved: (standing: Standing) => void; dead: (error: unknown) => void },
  ): WriterHandle {
    const { session, peer, onLost } = this.options;
    this.handle = session.writer({
      writeId: peer.writeId,
      keySeed: asKey('signing-seed', seed),
      ...(known === undefined ? {} : { lastKnown: known, onHistory: hear.proved }),
      onProved: ({ superseded, incarnation, lastSequence }) => {
        if (superseded) hear.dead(new SottoError('NET_SUPERSEDED'));
        else if (known === undefined) hear.proved({ verdict: 'same', incarnation, lastSequence });
      },
      onStatus: (status) => {
        if (status.state === 'released') hear.dead(new SottoError('NET_CLOSED'));
        if (status.state !== 'dead') return;
        const error = status.error ?? new SottoError('NET_LINK_DEAD');
        hear.dead(error);
        if (this.opened) onLost(error);
      },
    });
    return this.handle;
  }

  private submit(key: number, block: Sealed, repeat: boolean): void {
    const { handle } = this;
    if (handle === undefined) {
      this.options.onRejected(key, new SottoError('NET_CLOSED'));
      return;
    }
    handle
      .append({ appendId: block.appendId, block: block.block, commitment: block.commitment, repeat })
      .then(
        (outcome) => {
          this.options.onAnswer(key, outcome);
        },
        (error: unknown) => {
          this.options.onRejected(key, error);
        },
      );
  }
}
