// Opens a data directory: takes it, makes or reads its files, replays what the journal holds. Place in the flow: the
// relay's start. Not its concern: what the store then does (embedded-store.ts).

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RelayError } from '../../errors.ts';
import type { ChannelStore, StoreLimits } from '../channel-store.ts';
import { DEFAULT_LIMITS } from '../common-rules.ts';
import { ChannelCache } from './channel-cache.ts';
import { takeDirectory } from './directory.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { decodeMeta, Engine } from './engine.ts';
import { JOURNAL_BYTES, JournalFile, MIN_JOURNAL_BYTES } from './journal-file.ts';
import { Journal } from './journal.ts';
import { DAYS_OF_KEYS, KeyFile } from './key-file.ts';
import { Recovery } from './recovery.ts';
import { DATA_FILE, Tables } from './tables.ts';

export interface EmbeddedStoreOptions {
  /** The data directory; made when it isn't there. */
  readonly dir: string;
  readonly limits?: Partial<StoreLimits>;
  /** Unix seconds; the system's clock by default. */
  readonly now?: () => number;
  /** How long a change may stay in the journal alone. */
  readonly checkpointMs?: number;
  readonly sweepIntervalMs?: number;
  /** A checkpoint gives acks so long to spare blocks the tables, unless the journal fills meanwhile. */
  readonly calmMs?: number;
  /** Size of each of the two journal files, when they are made; at least 4 MiB. */
  readonly journalBytes?: number;
}

/**
 * Opens the store in `dir`, for this process alone.
 * @throws RelayError RELAY_STORE_LOCKED, _FOREIGN, _VERSION, _DAMAGED, _KEYS, _IO; then nothing was overwritten.
 */
export async function openEmbeddedStore(
  options: EmbeddedStoreOptions,
): Promise<ChannelStore & EmbeddedStore> {
  const limits: StoreLimits = { ...DEFAULT_LIMITS, ...options.limits };
  checkLimits(limits);
  const clock = options.now ?? (() => Date.now() / 1000);
  const today = Math.floor(clock() / 86_400);
  const directory = takeDirectory(options.dir);
  const at = (name: string): string => join(directory.path, name);
  const toClose: (() => unknown)[] = [() => directory.release()];
  try {
    if (directory.fresh) {
      KeyFile.create(at('keys'), today);
      for (const file of [0, 1])
        JournalFile.create(
          at(`journal-${file}`),
          Math.max(options.journalBytes ?? JOURNAL_BYTES, MIN_JOURNAL_BYTES),
        );
    }
    const keys = KeyFile.open(at('keys'));
    toClose.unshift(() => keys.close());
    keys.retireBefore(today);
    const needed = ['journal-0', 'journal-1', DATA_FILE];
    if (!directory.fresh && !needed.every((name) => existsSync(at(name))))
      throw new RelayError('RELAY_STORE_DAMAGED');
    const tables = new Tables(directory.path);
    toClose.unshift(() => tables.close());
    const cache = new ChannelCache(tables, keys, limits);
    const meta = decodeMeta(tables.getMeta());
    const engine = new Engine({
      directory,
      keys,
      tables,
      cache,
      limits,
      clock,
      meta,
      checkpointMs: options.checkpointMs ?? 5_000,
      sweepIntervalMs: options.sweepIntervalMs ?? 30_000,
      calmMs: options.calmMs ?? 300,
    });
    const files: [JournalFile, JournalFile] = [
      JournalFile.open(at('journal-0'), 0),
      JournalFile.open(at('journal-1'), 1),
    ];
    toClose.unshift(() => files.forEach((file) => file.close()));
    const recovery = new Recovery({
      cache,
      tables,
      counters: engine.counters,
      touched: (channel) => engine.touch(channel),
      buried: (channel) => engine.bury(channel),
    });
    const replayed = replay(files, keys, recovery);
    engine.seenRowCounter(recovery.rowCounter);
    engine.journal = new Journal({
      files,
      keys,
      lsn: Math.max(meta.lsn, recovery.lsn),
      onSwitch: () => engine.switched(),
    });
    engine.journal.resume(replayed);
    if (directory.fresh) {
      await tables.putMeta(engine.encodeMeta());
      await tables.flushed();
      directory.markFormat();
    }
    return new EmbeddedStore(engine);
  } catch (error) {
    for (const close of toClose) await close();
    if (error instanceof RelayError) throw error;
    throw new RelayError('RELAY_STORE_IO', { retry: 'later', cause: error });
  }
}

/** The older file first. Answers which file was written last, and where each ends. */
function replay(
  files: readonly JournalFile[],
  keys: KeyFile,
  recovery: Recovery,
): { active: 0 | 1; other: boolean } {
  const read = ([0, 1] as const).map((number) => {
    const file = files[number] as JournalFile;
    const changes = [...file.read(keys.journal(number))];
    file.position = changes.at(-1)?.end ?? 0;
    return { number, changes, first: changes[0]?.lsn ?? Infinity };
  });
  read.sort((a, b) => a.first - b.first);
  for (const { changes } of read) for (const { lsn, record } of changes) recovery.apply(lsn, record);
  const newest = read.findLast(({ changes }) => changes.length > 0);
  const full = read.filter(({ changes }) => changes.length > 0).length === 2;
  return { active: newest?.number ?? 0, other: full };
}

function checkLimits(limits: StoreLimits): void {
  const longest = Math.max(
    ...Object.values(limits.maxTtlSeconds),
    limits.orderedTtlSeconds,
    limits.slotTtlSeconds,
  );
  if (longest > (DAYS_OF_KEYS - 2) * 86_400)
    throw new RangeError('limits: nothing can be kept longer than 126 days');
}
