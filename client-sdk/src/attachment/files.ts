// The attachments of one conversation: takes files in, has them sent, fetches what others sent when someone asks for
// it, and reads what is here. Its events are the conversation's. Not its concern: the message around it, cleaning
// pictures of metadata (strip/, and the web client), what a room is.
import { hasCode, SottoError } from '../errors.ts';
import { toHex } from '../crypto/index.ts';
import { newContentId } from '../content/content.ts';
import type { MessageId } from '../history/message.ts';
import { linePositions, lines } from '../history/record.ts';
import { type ByteSource, memorySource, planOf, type SpillPlan } from '../spill/plan.ts';
import { readSpill, type SpillPosition } from '../spill/read.ts';
import { announcedRef, deleteSpill } from '../spill/write.ts';
import {
  type AttachmentBody,
  type AttachmentDetails,
  bodyOf,
  decodeAttachment,
  detailsOf,
  mustBeSendable,
} from './body.ts';
import type { FileHome } from './home.ts';
import { eraseFile, FILE_PHASES, type FileRecord, files, putFile, ROW_BYTES } from './record.ts';
import { putRows, ROWS_AT_ONCE, shelfSource, takeIn } from './shelf.ts';
import { Uploads } from './uploads.ts';

/** What is said about a file that is sent. Only `mediaType` is needed. */
export type FileDetails = Partial<Omit<AttachmentDetails, 'mediaType'>> & { readonly mediaType: string };

/** An attachment's bytes on this device. */
export interface StoredFile extends ByteSource {
  readonly name: string;
  readonly mediaType: string;
  /** All of it, in pieces. */
  pieces(): AsyncIterableIterator<Uint8Array>;
}

export class Files {
  readonly uploads: Uploads;
  private readonly home: FileHome;
  /** Being copied in by this process. */
  private readonly taking = new Set<string>();
  private readonly downloads = new Map<string, { stop: AbortController; done: Promise<void> }>();

  constructor(home: FileHome) {
    this.home = home;
    this.uploads = new Uploads(home);
  }

  /** Goes on with what an earlier run left. */
  start(): void {
    this.uploads.start();
  }

  stop(): void {
    this.uploads.halt();
    for (const { stop } of this.downloads.values()) stop.abort();
  }

  /** Removes what an earlier run had begun to take in and not finished. */
  async tidy(): Promise<void> {
    const { context, owner } = this.home;
    await context.vault.transact(async (tx) => {
      const broken: string[] = [];
      for await (const { key, value } of files.scan(tx, owner.conversationId)) {
        if (value.phase === FILE_PHASES.taking && !this.taking.has(key)) broken.push(key);
      }
      for (const id of broken) await eraseFile(tx, owner, id);
    });
  }

  /**
   * Copies a file into the store. @returns its content id and its message's first body; `taken` adds
   * the message.
   * @throws SottoError FILE_TOO_LARGE, CONTENT_EMPTY, SPILL_STOPPED, SPILL_SOURCE, STORE_…
   */
  async take(
    input: Uint8Array | ByteSource,
    details: FileDetails,
    signal?: AbortSignal,
  ): Promise<{ contentId: Uint8Array; body: AttachmentBody; plan: SpillPlan; at: number }> {
    const source = input instanceof Uint8Array ? memorySource(input) : input;
    mustBeSendable(source.length);
    const { context, owner, reader } = this.home;
    const contentId = newContentId();
    const id = toHex(contentId);
    const at = context.now();
    this.taking.add(id);
    await context.vault.transact((tx) =>
      putFile(tx, owner, id, { phase: FILE_PHASES.taking, at, blocks: 0 }),
    );
    try {
      const sha256 = await takeIn(context.vault, owner, id, { source, signal });
      const plan = planOf({ length: source.length, sha256, ttlSeconds: this.home.ttlSeconds() });
      const body = bodyOf({ ...NOTHING_SAID, ...details }, announcedRef(plan, { reader }));
      return { contentId, body, plan, at };
    } catch (error) {
      await context.vault.transact((tx) => eraseFile(tx, owner, id)).catch(() => undefined);
      throw error;
    }
  }

  /** What was taken has its message now, or was given up. */
  async taken(id: string, add: () => Promise<void>): Promise<void> {
    const { context, owner } = this.home;
    try {
      await add();
    } catch (error) {
      await context.vault.transact((tx) => eraseFile(tx, owner, id)).catch(() => undefined);
      throw error;
    } finally {
      this.taking.delete(id);
    }
  }

  /** @throws SottoError FILE_ABSENT where there is no such attachment. */
  async details(
    id: MessageId,
  ): Promise<{ body: AttachmentBody; mine: boolean; record: FileRecord | undefined }> {
    const { context, owner } = this.home;
    return context.vault.read(async (view) => {
      const at = await linePositions.get(view, owner.conversationId, id);
      const line = at === undefined ? undefined : await lines.get(view, owner.conversationId, at.position);
      const isOver = line !== undefined && line.expiresAt > 0 && line.expiresAt <= context.now();
      if (line?.raw === undefined || line.retracted || isOver) throw new SottoError('FILE_ABSENT');
      const record = await files.get(view, owner.conversationId, id);
      return { body: decodeAttachment(line.raw), mine: line.mine, record };
    });
  }

  /**
   * Fetches an attachment and keeps it. Goes on where an earlier try stopped. Two calls share one transfer.
   * @throws SottoError SPILL_GONE, SPILL_DAMAGED, SPILL_STOPPED, FILE_ABSENT, NET_…, STORE_…
   */
  async download(id: MessageId, signal?: AbortSignal): Promise<void> {
    const known = this.downloads.get(id);
    if (known !== undefined) return known.done;
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort();
    };
    if (signal?.aborted === true) stop.abort();
    signal?.addEventListener('abort', onAbort);
    const done = this.fetch(id, stop.signal).finally(() => {
      signal?.removeEventListener('abort', onAbort);
      this.downloads.delete(id);
    });
    this.downloads.set(id, { stop, done });
    return done;
  }

  /** Ends a running download; what came so far is kept for the next try. */
  async stopDownload(id: MessageId): Promise<void> {
    const running = this.downloads.get(id);
    running?.stop.abort();
    await running?.done.catch(() => undefined);
  }

  /** @throws SottoError FILE_ABSENT where it isn't whole on this device. */
  async open(id: MessageId): Promise<StoredFile> {
    const { body, mine, record } = await this.details(id);
    const phases: readonly number[] = mine ? [FILE_PHASES.sending, FILE_PHASES.sent] : [FILE_PHASES.here];
    if (record === undefined || !phases.includes(record.phase)) throw new SottoError('FILE_ABSENT');
    const { name, mediaType, length } = detailsOf(body);
    const source = shelfSource(this.home.context.vault, this.home.owner, id, length);
    return {
      ...source,
      name,
      mediaType,
      async *pieces() {
        const step = ROWS_AT_ONCE * ROW_BYTES;
        for (let at = 0; at < length; at += step) yield await source.read(at, Math.min(step, length - at));
      },
    };
  }

  private async fetch(id: MessageId, signal: AbortSignal): Promise<void> {
    const { home } = this;
    const { body, mine, record } = await this.details(id);
    if (mine || record?.phase === FILE_PHASES.here) return;
    const { spill } = body;
    const { length } = spill;
    const tell = (state: 'running' | 'done' | 'stopped', done: number): void => {
      home.tell({ id, direction: 'in', state, done, length });
    };
    try {
      const session = await home.sessionFor(spill);
      await this.fill(id, spill, record, {
        signal,
        session,
        onProgress: (done) => {
          tell('running', done);
        },
      });
      await this.finish(id);
      tell('done', length);
      await this.removeRead(session, spill);
    } catch (error) {
      tell('stopped', 0);
      if (hasCode(error, 'SPILL_DAMAGED') || hasCode(error, 'SPILL_GONE')) await this.forget(id);
      throw error;
    }
  }

  private async fill(
    id: MessageId,
    spill: AttachmentBody['spill'],
    record: FileRecord | undefined,
    run: {
      signal: AbortSignal;
      session: Awaited<ReturnType<FileHome['sessionFor']>>;
      onProgress: (done: number) => void;
    },
  ): Promise<void> {
    const { context, owner } = this.home;
    const { vault } = context;
    // Rows are written a few at a time; the position in the record is that of the last whole batch.
    let batch: Uint8Array[] = [];
    let first = (record?.blocks ?? 0) / 16;
    const flush = async (position: SpillPosition): Promise<void> => {
      const pieces = batch;
      batch = [];
      const { incarnation, blocks } = position;
      await vault.transact(async (tx) => {
        // Taken back or expired meanwhile: its key is gone and must not come again.
        const at = await linePositions.get(tx, owner.conversationId, id);
        const line = at === undefined ? undefined : await lines.get(tx, owner.conversationId, at.position);
        if (line === undefined || line.retracted) throw new SottoError('FILE_ABSENT');
        const value = { phase: FILE_PHASES.fetching, at: context.now(), incarnation, blocks };
        await putFile(tx, owner, id, value);
        for (const [i, bytes] of pieces.entries()) await putRows(tx, owner, id, { first: first + i, bytes });
      });
      first += pieces.length;
    };
    const kept = shelfSource(vault, owner, id, spill.length);
    const resume =
      record?.incarnation === undefined || record.blocks === 0
        ? {}
        : {
            resume: {
              position: { incarnation: record.incarnation, blocks: record.blocks },
              read: (offset: number, length: number) => kept.read(offset, length),
            },
          };
    await readSpill(run.session, spill, {
      ...resume,
      signal: run.signal,
      onPiece: async ({ offset, bytes, position }) => {
        batch.push(bytes);
        const isLast = offset + bytes.length >= spill.length;
        if (batch.length >= ROWS_AT_ONCE || isLast) await flush(position);
      },
      onProgress: ({ done }) => {
        run.onProgress(done);
      },
    });
  }

  private async finish(id: MessageId): Promise<void> {
    const { context, owner } = this.home;
    await context.vault.transact(async (tx) => {
      const record = await files.get(tx, owner.conversationId, id);
      if (record === undefined) throw new SottoError('FILE_ABSENT');
      await putFile(tx, owner, id, { ...record, phase: FILE_PHASES.here });
    });
    await this.home.markHere(id);
  }

  /** It is kept here: nobody else needs it at the relay. Where that fails, its time there ends by itself. */
  private async removeRead(
    session: Awaited<ReturnType<FileHome['sessionFor']>>,
    { readId, ownerSeed }: AttachmentBody['spill'],
  ): Promise<void> {
    // Where many read, nobody takes it from the others, whatever its sender put there.
    if (ownerSeed === undefined || this.home.reader !== 'only') return;
    await deleteSpill(session, { readId, ownerSeed }).catch((error: unknown) => {
      if (!hasCode(error, 'NET_CLOSED')) this.home.trouble(error);
    });
  }

  private async forget(id: MessageId): Promise<void> {
    const { context, owner } = this.home;
    await context.vault.transact((tx) => eraseFile(tx, owner, id));
  }
}

const NOTHING_SAID: Omit<AttachmentDetails, 'mediaType'> = {
  kind: 'file',
  name: '',
  description: '',
  warning: '',
  width: 0,
  height: 0,
  durationMs: 0,
};
