// A vault in use: the states it can be in, one transaction at a time, and when rows and keys are written, wiped and
// given up. What they look like on disk is others' concern; so is opening (`open-vault.ts`).
import { DEFAULT_ARGON2ID_COST } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { exportSession } from './export.ts';
import { importInto } from './import.ts';
import { FENCE_KEY, FIRST_RECORD_KEY, META_KEY, type Meta, sealMeta } from './meta.ts';
import type { Place, RowOperation } from './place.ts';
import { SerialQueue } from './queue.ts';
import { overwriteKeys, readRoot, replaceSecret } from './root-file.ts';
import { endSession, LAST_KEY, type Session, startSession } from './session.ts';
import { type Changes, OpenTransaction } from './transaction.ts';
import type { ReadView, Transaction, Vault, VaultOptions, VaultSecret, VaultState } from './vault.ts';
import { committedView, endable, ringLookup } from './view.ts';

const TIDY_LOT = 500;

/** The vault of an unlocked session on a held place. Made by `openVault` only. */
export class LocalVault implements Vault {
  readonly vaultId: Uint8Array;
  readonly #place: Place;
  readonly #options: VaultOptions;
  readonly #queue = new SerialQueue();
  #session: Session | undefined;
  #heldFence: Session['fence'] | undefined;
  #state: VaultState = 'open';
  #flags: { rewound: boolean; imported: boolean };

  constructor(place: Place, session: Session, options: VaultOptions) {
    this.#place = place;
    this.#session = session;
    this.#options = options;
    this.#flags = { rewound: session.meta.rewound, imported: session.meta.imported };
    this.vaultId = session.root.vaultId.slice();
  }

  get state(): VaultState {
    return this.#state;
  }

  get rewound(): boolean {
    return this.#flags.rewound;
  }

  get imported(): boolean {
    return this.#flags.imported;
  }

  transact<R>(work: (tx: Transaction) => Promise<R>): Promise<R> {
    return this.#queue.run(async () => {
      const session = this.#unlocked();
      const transaction = new OpenTransaction(this.#place, session);
      const { view: tx, end } = endable<Transaction>(transaction);
      let committed = false;
      try {
        const result = await work(tx);
        end();
        // A wipe or a loss meanwhile has zeroed the keys: nothing may be sealed with them.
        if (this.#session !== session) throw new SottoError('STORE_CLOSED');
        await this.#commit(session, transaction.changes());
        committed = true;
        return result;
      } catch (error) {
        throw this.#judged(error);
      } finally {
        end();
        if (this.#session === session) session.keyFile.giveBack(transaction.unused(committed));
      }
    });
  }

  async read<R>(work: (view: ReadView) => Promise<R>): Promise<R> {
    this.#unlocked();
    const { view, end } = endable(committedView(this.#place, () => this.#unlocked()));
    try {
      return await work(view);
    } catch (error) {
      throw this.#judged(error);
    } finally {
      end();
    }
  }

  lock(): Promise<void> {
    return this.#queue.run(async () => {
      this.#alive();
      if (this.#session === undefined) return;
      // The fence's row is kept: it says, without a key, that this is still the same holder.
      this.#heldFence = this.#session.fence;
      endSession(this.#session);
      this.#session = undefined;
      this.#state = 'locked';
    });
  }

  unlock(secret?: VaultSecret): Promise<void> {
    return this.#queue.run(async () => {
      this.#alive();
      if (this.#session !== undefined) return;
      try {
        const root = await readRoot(this.#place, secret);
        const session = await startSession(this.#place, root, this.#heldFence);
        if (this.#state !== 'locked') endSession(session);
        this.#alive();
        this.#adopt(session);
        this.#state = 'open';
      } catch (error) {
        throw this.#judged(error);
      }
    });
  }

  changeSecret(change: { current?: VaultSecret; next?: VaultSecret }): Promise<void> {
    return this.#queue.run(async () => {
      this.#alive();
      await replaceSecret(this.#place, {
        ...change,
        cost: this.#options.kdfCost ?? DEFAULT_ARGON2ID_COST,
        check: () => {
          this.#alive();
        },
      });
    });
  }

  acceptRewind(): Promise<void> {
    return this.#setMeta({ rewound: false });
  }

  acceptImport(): Promise<void> {
    return this.#setMeta({ imported: false });
  }

  async *exportRecords(
    passphrase: string,
    options: { readonly kdfCost?: VaultOptions['kdfCost'] } = {},
  ): AsyncIterableIterator<Uint8Array> {
    const cost = options.kdfCost ?? DEFAULT_ARGON2ID_COST;
    // Holds the queue until the stream ends, so that it shows one state.
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const started = new Promise<Session>((resolve, reject) => {
      this.#queue
        .run(async () => {
          resolve(this.#unlocked());
          await finished;
        })
        .catch(reject);
    });
    try {
      await started;
      yield* exportSession({ place: this.#place, session: () => this.#unlocked(), passphrase, cost });
    } catch (error) {
      throw this.#judged(error);
    } finally {
      finish();
    }
  }

  importRecords(stream: AsyncIterable<Uint8Array>, passphrase: string): Promise<void> {
    return this.#queue.run(async () => {
      const session = this.#unlocked();
      try {
        await importInto({ place: this.#place, session, stream, passphrase });
      } catch (error) {
        throw this.#judged(error);
      } finally {
        if (this.#session === session) this.#adopt(session);
        if (session.meta.importing) await this.#abandon();
      }
    });
  }

  tidy(): Promise<void> {
    return this.#queue.run(async () => {
      const session = this.#unlocked();
      let lot: RowOperation[] = [];
      const commit = async (): Promise<void> => {
        if (lot.length > 0) await this.#commit(session, { operations: lot, added: [], removed: [] });
        lot = [];
      };
      try {
        for await (const page of this.#place.rows.scan({ from: FIRST_RECORD_KEY, to: LAST_KEY })) {
          for (const [key, row] of page) {
            if (ringLookup(session)(session.seals.serialOf(row)) === undefined)
              lot.push({ type: 'del', key });
          }
          if (lot.length >= TIDY_LOT) await commit();
        }
        await commit();
        await this.#place.rows.compact();
      } catch (error) {
        throw this.#judged(error);
      }
    });
  }

  async close(): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#state === 'wiped' || this.#state === 'closed') return;
      if (this.#state !== 'fenced') await this.#session?.keyFile.sync().catch(() => undefined);
      this.#forget();
      this.#state = 'closed';
      await this.#place.release();
    });
  }

  async wipe(): Promise<void> {
    // Doesn't queue: a long step must not delay it. What that step still writes is sealed under keys that are gone.
    this.#state = 'wiped';
    await overwriteKeys(this.#place);
    this.#forget();
    await this.#place.destroy();
  }

  /** The place was taken by another. */
  lose(): void {
    if (this.#state !== 'open' && this.#state !== 'locked') return;
    this.#state = 'fenced';
    this.#forget();
    this.#options.onLost?.();
  }

  async #commit(session: Session, { operations, added, removed }: Changes): Promise<void> {
    if (operations.length === 0) return;
    if (this.#session !== session) throw new SottoError('STORE_CLOSED');
    const { keyFile, ring } = session;
    const meta = { ...session.meta, generation: session.meta.generation + 1 };
    const batch = [
      ...operations,
      { type: 'put', key: META_KEY, value: sealMeta(session.seals, meta) } as const,
    ];
    await this.#place.rows.commit(batch, session.fence);
    session.meta = meta;
    for (const key of removed) ring.remove(key);
    for (const key of added) ring.add(key);
    session.unerased.push(...removed.map(({ slot }) => slot));
    try {
      await keyFile.writeGeneration(meta.generation);
      if (session.unerased.length > 0) {
        await keyFile.erase(session.unerased);
        session.unerased = [];
        session.meta = { ...meta, keyFloor: meta.generation };
      }
    } catch {
      // The rows are committed, and that can't be taken back: the next commit or opening tries again.
    }
  }

  #setMeta(change: Partial<Pick<Meta, 'rewound' | 'imported'>>): Promise<void> {
    return this.#queue.run(async () => {
      const session = this.#unlocked();
      const before = session.meta;
      session.meta = { ...before, ...change };
      try {
        const fence = { type: 'put', key: FENCE_KEY, value: session.fence.value } as const;
        await this.#commit(session, { operations: [fence], added: [], removed: [] });
      } catch (error) {
        session.meta = before;
        throw this.#judged(error);
      }
      this.#flags = { ...this.#flags, ...change };
    });
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#flags = { rewound: session.meta.rewound, imported: session.meta.imported };
  }

  /** After a half import that could not be taken back: the next opening finds the mark and empties the vault. */
  async #abandon(): Promise<void> {
    this.#forget();
    if (this.#state === 'open') this.#state = 'closed';
    await this.#place.release();
  }

  #forget(): void {
    if (this.#session !== undefined) endSession(this.#session);
    this.#session = undefined;
  }

  /** @throws SottoError STORE_CLOSED, STORE_FENCED, STORE_WIPED */
  #alive(): void {
    switch (this.#state) {
      case 'open':
      case 'locked':
        return;
      case 'fenced':
        throw new SottoError('STORE_FENCED');
      case 'wiped':
        throw new SottoError('STORE_WIPED');
      case 'closed':
        throw new SottoError('STORE_CLOSED');
    }
  }

  #unlocked(): Session {
    this.#alive();
    if (this.#session === undefined) throw new SottoError('STORE_LOCKED');
    return this.#session;
  }

  /** What an error means in the state that the vault is in by now; a lost fence is acted on. */
  #judged(error: unknown): unknown {
    if (hasCode(error, 'STORE_FENCED')) this.lose();
    try {
      this.#alive();
    } catch (state) {
      return state;
    }
    return error;
  }
}
