// Fetches a spill: reads its log in order, opens each block at its place, hands the plaintext on piece by piece, and
// checks the hash of the whole at the end: nothing of it may be used before that. Cut connections are survived by the
// session; a stopped process goes on from what the caller has stored. Not its concern: where the bytes are kept.
import { equalBytes, asKey, ready, type RunningHash, runningSha256 } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { ReaderHandle, ReceivedBlock, RelaySession } from '../net/index.ts';
import { openPiece, pieceLength } from './block.ts';
import { readExactly } from './plan.ts';
import { type SpillRef, SPILL_PIECE_BYTES, spillBlocks } from './ref.ts';
import { until } from './until.ts';
import type { SpillProgress } from './write.ts';

/** Blocks opened between two calls of `onPiece`. */
export const PIECES_AT_ONCE = 16;
const REHASH_BYTES = 64 * SPILL_PIECE_BYTES;

/** How far the caller has stored a spill: give it back to go on. */
export interface SpillPosition {
  /** Of the relay's channel; another one there means that this position is worth nothing. */
  readonly incarnation: Uint8Array;
  readonly blocks: number;
}

export interface ReadSpillOptions {
  /**
   * The next bytes, in order, from `offset`; awaited before more are opened. They are the sender's for certain only
   * when `readSpill` resolves. `position` belongs into the same transaction.
   */
  readonly onPiece: (piece: { offset: number; bytes: Uint8Array; position: SpillPosition }) => Promise<void>;
  /** What an earlier run stored, and how to read it: the hash covers it too. */
  readonly resume?: {
    readonly position: SpillPosition;
    read(offset: number, length: number): Promise<Uint8Array>;
  };
  readonly onProgress?: (progress: SpillProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Resolves when all of it was handed on and length and hash are right.
 * Spec: docs/protocol-client.md, "Spill".
 * @throws SottoError SPILL_GONE: expired, removed, or not there completely; SPILL_DAMAGED: what came is not what the
 *   ref names, so what was stored must be thrown away; SPILL_STOPPED; NET_BLOCKED, NET_CLOSED; what `onPiece` throws.
 */
export async function readSpill(
  session: RelaySession,
  ref: SpillRef,
  options: ReadSpillOptions,
): Promise<void> {
  await ready();
  const fetching = new Fetching(ref, options);
  await fetching.rehash();
  await until(session, options.signal, (stop) => {
    stop.addEventListener('abort', () => {
      fetching.stop();
    });
    return fetching.run(session);
  });
}

class Fetching {
  private readonly ref: SpillRef;
  private readonly options: ReadSpillOptions;
  private readonly blocks: number;
  private readonly hash: RunningHash = runningSha256();
  /** Opened and not yet handed on. */
  private held: Uint8Array[] = [];
  private next: number;
  private reader: ReaderHandle | undefined;
  private stopped = false;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  constructor(ref: SpillRef, options: ReadSpillOptions) {
    this.ref = ref;
    this.options = options;
    this.blocks = spillBlocks(ref.length);
    this.next = Math.min(options.resume?.position.blocks ?? 0, this.blocks);
  }

  async rehash(): Promise<void> {
    const { resume, signal } = this.options;
    if (resume === undefined) return;
    const end = Math.min(this.ref.length, this.next * SPILL_PIECE_BYTES);
    const source = { length: end, read: resume.read.bind(resume) };
    for (let at = 0; at < end; at += REHASH_BYTES) {
      if (signal?.aborted === true) throw new SottoError('SPILL_STOPPED', { retry: 'later' });
      this.hash.update(await readExactly(source, at, Math.min(REHASH_BYTES, end - at)));
    }
  }

  run(session: RelaySession): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      if (this.next >= this.blocks) {
        this.finish();
        return;
      }
      const incarnation = this.options.resume?.position.incarnation;
      this.reader = session.reader({
        readId: this.ref.readId,
        keySeed: asKey('signing-seed', this.ref.readerSeed),
        policy: 'log',
        ...(incarnation === undefined ? {} : { after: { incarnation, sequence: this.next } }),
        onBlock: (block) => this.take(block),
        // Of another incarnation or an older store, what is stored here fits nothing.
        onReset: () => {
          this.fail(new SottoError('SPILL_GONE'));
        },
        onSubscribed: ({ head, floor }) => {
          if (floor > this.next + 1 || head < this.blocks) this.fail(new SottoError('SPILL_GONE'));
        },
        onStatus: ({ state, error }) => {
          if (state !== 'dead') return;
          this.fail(hasCode(error, 'NET_BLOCKED') ? error : new SottoError('SPILL_GONE', { cause: error }));
        },
      });
      if (this.stopped) this.reader.release();
    });
  }

  stop(): void {
    this.stopped = true;
    this.reader?.release();
  }

  private async take({ sequence, block, incarnation }: ReceivedBlock): Promise<void> {
    if (this.stopped || sequence <= this.next || this.next >= this.blocks) return;
    const place = { index: this.next, blocks: this.blocks };
    const length = pieceLength(this.ref.length, this.next);
    const piece = sequence === this.next + 1 ? openPiece(this.ref.key, place, block, length) : undefined;
    if (piece === undefined) {
      this.fail(new SottoError('SPILL_DAMAGED'));
      return;
    }
    this.held.push(piece);
    this.next++;
    if (this.held.length < PIECES_AT_ONCE && this.next < this.blocks) return;
    try {
      await this.handOn(incarnation);
      if (this.next === this.blocks) this.finish();
    } catch (error) {
      this.fail(error);
    }
  }

  private async handOn(incarnation: Uint8Array): Promise<void> {
    const bytes = new Uint8Array(this.held.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.held) {
      bytes.set(piece, at);
      at += piece.length;
    }
    const offset = Math.min(this.ref.length, (this.next - this.held.length) * SPILL_PIECE_BYTES);
    this.held = [];
    this.hash.update(bytes);
    const position = { incarnation, blocks: this.next };
    if (bytes.length > 0) await this.options.onPiece({ offset, bytes, position });
    this.options.onProgress?.({ done: offset + bytes.length, length: this.ref.length });
  }

  private finish(): void {
    if (equalBytes(this.hash.digest(), this.ref.sha256)) this.settle?.resolve();
    else this.fail(new SottoError('SPILL_DAMAGED'));
  }

  private fail(error: unknown): void {
    this.stop();
    this.settle?.reject(error);
  }
}
