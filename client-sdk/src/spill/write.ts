// Writes a spill: a log of its own, made under the quota of a channel where this device may write, filled from the
// first block to the last, each named so that a repeat is the same append. When it resolves, all of it is durable at
// the relay, and its ref may stand in a message; never before. It survives cut connections by itself, and a stopped
// process by the plan that the caller keeps. Not its concern: which content, where plan and source are kept.
import { channelIds, type ChannelSpec, type RelaySession, type WriterHandle } from '../net/index.ts';
import { asKey, ready, signingKeyPair } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { appendIds, pieceLength, sealPiece } from './block.ts';
import { type ByteSource, checkSource, readExactly, type SpillPlan } from './plan.ts';
import { type SpillRef, SPILL_PIECE_BYTES, spillBlocks } from './ref.ts';
import { until } from './until.ts';

/** Appends on their way at once: what a connection carries unanswered. */
const WINDOW = 64;
const READ_PIECES = 32;
/** In a spill nobody reports single blocks: its commitments say nothing. */
const NO_COMMITMENT = new Uint8Array(32);

/** How far a transfer is; `length` in bytes of plaintext. */
export interface SpillProgress {
  readonly done: number;
  readonly length: number;
}

export interface WriteSpillOptions {
  /** On the same session: the channel under whose quota the spill counts. It must be held until this resolves. */
  readonly against: WriterHandle;
  readonly source: ByteSource;
  /** From `planSpill`, or as last kept. */
  readonly plan: SpillPlan;
  /**
   * Some blocks more are durable at the relay: keep the plan, now and then, to go on from there after a restart.
   * Throwing ends the writing with that error.
   */
  readonly onPlan?: (plan: SpillPlan) => void;
  readonly onProgress?: (progress: SpillProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Writes what is still missing. The plan must be stored before the first call, where the writing is to survive a crash.
 * Spec: docs/protocol-client.md, "Spill".
 * @returns the plan, complete.
 * @throws SottoError SPILL_STOPPED: `signal`; call again with the same plan to go on. SPILL_SOURCE: not the content
 *   that was planned. SPILL_LOST: call again with `renewPlan(plan)`. NET_BLOCKED, NET_TOKEN, NET_INVALID, NET_CLOSED,
 *   NET_LINK_DEAD (of the channel `against`).
 */
export async function writeSpill(session: RelaySession, options: WriteSpillOptions): Promise<SpillPlan> {
  const { source, plan, signal } = options;
  await ready();
  await checkSource(source, plan, signal);
  const blocks = spillBlocks(plan.length);
  const spill = { against: options.against, blocks };
  const created = await until(session, signal, (stop) => session.create({ ...specOf(plan), spill }, stop));
  const start = created.existed ? plan : { ...plan, written: 0, keptUntil: 0 };
  return until(session, signal, (stop) => {
    const filling = new Filling(session, { ...options, plan: start }, blocks);
    stop.addEventListener('abort', () => {
      filling.stop();
    });
    return filling.fill(idsOf(plan).writeId);
  });
}

/** `relay`, `relayKey`: where it lies, unless with the ref. `reader`: the only one may remove it after reading. */
export interface RefTrust {
  readonly relay?: string;
  readonly relayKey?: Uint8Array;
  readonly reader?: 'only' | 'one-of-many';
}

/** The ref of a spill that is written. @throws SottoError SPILL_LOST where it isn't. */
export function spillRef(plan: SpillPlan, trust: RefTrust = {}): SpillRef {
  if (plan.written < spillBlocks(plan.length)) throw new SottoError('SPILL_LOST');
  return announcedRef(plan, trust);
}

/** The same ref before anything is written: for this device alone. */
export function announcedRef(plan: SpillPlan, trust: RefTrust = {}): SpillRef {
  const { relay = '', relayKey, reader = 'one-of-many' } = trust;
  const { readerSeed, key, length, sha256, keptUntil, ownerSeed } = plan;
  return {
    relay,
    ...(relayKey === undefined ? {} : { relayKey }),
    readId: idsOf(plan).readId,
    readerSeed,
    key,
    length,
    sha256,
    keptUntil,
    ...(reader === 'only' ? { ownerSeed } : {}),
  };
}

/** Removes a spill at the relay, also one that is not complete. Resolves where it is gone already. */
export async function deleteSpill(
  session: RelaySession,
  spill: OfIds | Required<Pick<SpillRef, 'ownerSeed' | 'readId'>>,
): Promise<void> {
  await ready();
  const readId = 'readId' in spill ? spill.readId : idsOf(spill).readId;
  const owner = session.owner({ readId, keySeed: asKey('signing-seed', spill.ownerSeed) });
  try {
    await owner.delete();
  } catch (error) {
    if (!hasCode(error, 'NET_LINK_DEAD')) throw error;
  } finally {
    owner.release();
  }
}

type OfIds = Pick<SpillPlan, 'ownerSeed' | 'salt'>;

function idsOf({ ownerSeed, salt }: OfIds) {
  return channelIds(signingKeyPair(asKey('signing-seed', ownerSeed)).publicKey, salt);
}

function specOf(plan: SpillPlan): ChannelSpec {
  const publicKey = (seed: Uint8Array): Uint8Array => signingKeyPair(asKey('signing-seed', seed)).publicKey;
  return {
    policy: 'log',
    securing: 'never',
    ttlSeconds: plan.ttlSeconds,
    ownerSeed: asKey('signing-seed', plan.ownerSeed),
    salt: plan.salt,
    readerKey: publicKey(plan.readerSeed),
    writerKey: publicKey(plan.writerSeed),
  };
}

/** One run of filling the log, from its proof to its last block. */
class Filling {
  private readonly session: RelaySession;
  private readonly options: WriteSpillOptions;
  private readonly blocks: number;
  private readonly appendId: (index: number) => Uint8Array;
  private plan: SpillPlan;
  private writer: WriterHandle | undefined;
  private stopped = false;
  private lost = false;
  private buffer: { first: number; bytes: Uint8Array } = { first: 0, bytes: new Uint8Array(0) };

  constructor(session: RelaySession, options: WriteSpillOptions, blocks: number) {
    this.session = session;
    this.options = options;
    this.blocks = blocks;
    this.plan = options.plan;
    this.appendId = appendIds(options.plan.key);
  }

  stop(): void {
    this.stopped = true;
    this.writer?.release();
  }

  async fill(writeId: Uint8Array): Promise<SpillPlan> {
    try {
      const next = await this.prove(writeId);
      await this.write(next);
      return this.plan;
    } catch (error) {
      // The channel was there a moment ago: the relay lost its store, or part of it.
      if (this.lost || hasCode(error, 'NET_LINK_DEAD')) {
        throw new SottoError('SPILL_LOST', { retry: 'later', cause: error });
      }
      throw error;
    } finally {
      this.writer?.release();
    }
  }

  /** @returns where to begin: what the relay has beyond what is known here is confirmed by repeating it. */
  private prove(writeId: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      let proved = false;
      this.writer = this.session.writer({
        writeId,
        keySeed: asKey('signing-seed', this.plan.writerSeed),
        onProved: ({ lastSequence }) => {
          if (!proved && lastSequence < this.plan.written) this.advance(lastSequence);
          // Later on, what is in flight would take the places of what went missing.
          else if (lastSequence < this.plan.written) this.lose();
          proved = true;
          resolve(this.plan.written);
        },
        onStatus: ({ state, error }) => {
          if (state === 'dead') reject(error ?? new SottoError('NET_CLOSED'));
        },
      });
      if (this.stopped) this.writer.release();
    });
  }

  private async write(first: number): Promise<void> {
    const flying: Promise<void>[] = [];
    for (let index = first; index < this.blocks; index++) {
      if (flying.length >= WINDOW) await flying.shift();
      const sent = this.send(index, await this.piece(index));
      // Awaited in order below; one that fails meanwhile must not count as unhandled.
      sent.catch(() => undefined);
      flying.push(sent);
    }
    for (const sent of flying) await sent;
  }

  private async send(index: number, piece: Uint8Array): Promise<void> {
    const { key } = this.plan;
    const block = sealPiece(key, { index, blocks: this.blocks }, piece);
    const input = { appendId: this.appendId(index), block, commitment: NO_COMMITMENT };
    if (this.writer === undefined || this.stopped) throw new SottoError('NET_CLOSED');
    const { sequence, keptUntil } = await this.writer.append(input);
    if (this.lost || sequence !== index + 1) {
      this.lose();
      throw new SottoError('SPILL_LOST', { retry: 'later' });
    }
    if (index === this.plan.written) this.advance(index + 1, keptUntil);
  }

  /** The source is read a few pieces at a time. */
  private async piece(index: number): Promise<Uint8Array> {
    const { length } = this.plan;
    const size = pieceLength(length, index);
    if (size === 0) return new Uint8Array(0);
    const at = index * SPILL_PIECE_BYTES;
    const { first, bytes } = this.buffer;
    if (at < first || at + size > first + bytes.length) {
      const wanted = Math.min(READ_PIECES * SPILL_PIECE_BYTES, length - at);
      this.buffer = { first: at, bytes: await readExactly(this.options.source, at, wanted) };
    }
    const from = at - this.buffer.first;
    return this.buffer.bytes.subarray(from, from + size);
  }

  private advance(written: number, keptUntil = 0): void {
    const known = written === 0 ? 0 : this.plan.keptUntil;
    this.plan = {
      ...this.plan,
      written,
      keptUntil: known === 0 ? keptUntil : Math.min(known, keptUntil || known),
    };
    this.options.onPlan?.(this.plan);
    const { length } = this.plan;
    this.options.onProgress?.({ done: Math.min(length, written * SPILL_PIECE_BYTES), length });
  }

  private lose(): void {
    this.lost = true;
    this.writer?.release();
  }
}
