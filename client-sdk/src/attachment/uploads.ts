// Sends what is on the shelf: one attachment after the other, oldest first, each written as a spill and announced by
// its message only then. Survives cuts, restarts and a relay that lost its store. Not its concern: how a file gets onto
// the shelf (files.ts), the message's own way (conversation/outbox-pump.ts).
import { Backoff, pause } from '../context.ts';
import { decodeAttachment, encodeAttachment } from './body.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { MessageId } from '../history/message.ts';
import { linePositions, lines } from '../history/record.ts';
import { renewPlan, type SpillPlan } from '../spill/plan.ts';
import { deleteSpill, spillRef, type SpillProgress, writeSpill } from '../spill/write.ts';
import type { FileHome } from './home.ts';
import { eraseFile, FILE_PHASES, type FileRecord, files, putFile } from './record.ts';
import { shelfSource } from './shelf.ts';

/** The plan is written down every so many blocks: it only spares confirming them again. */
const KEEP_PLAN_BLOCKS = 1_024;
/** A spill of which so much of its time is over would be gone too soon after it is announced. */
const STALE_SHARE = 0.5;

export class Uploads {
  private readonly home: FileHome;
  private readonly backoff: Backoff;
  private readonly cancelled = new Set<string>();
  private current: { id: string; stop: AbortController } | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stop = new AbortController();

  constructor(home: FileHome) {
    this.home = home;
    this.backoff = new Backoff(home.context.pace);
  }

  start(): void {
    if (this.stop.signal.aborted) this.stop = new AbortController();
    this.wake();
  }

  /** Ends what runs; it goes on after the next `start`. */
  halt(): void {
    this.stop.abort();
    this.current?.stop.abort();
  }

  /** Looks again whether there is something to send. */
  wake(): void {
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.again && !this.isOver()) this.wake();
    });
  }

  /** Ends the sending of one attachment; whoever calls this removes its message. */
  async cancel(id: string): Promise<void> {
    this.cancelled.add(id);
    if (this.current?.id === id) {
      this.current.stop.abort();
      await this.running;
    }
  }

  private isOver(): boolean {
    return this.stop.signal.aborted || this.home.stopped.aborted;
  }

  private async run(): Promise<void> {
    while (this.again && !this.isOver()) {
      this.again = false;
      try {
        for (let next = await this.next(); next !== undefined && !this.isOver(); next = await this.next()) {
          await this.send(next);
          this.backoff.reset();
        }
      } catch (error) {
        if (this.isOver()) return;
        if (!isPassing(error)) this.home.trouble(error);
        await pause(this.backoff.nextMs(), this.stop.signal).catch(() => undefined);
        this.again = true;
      }
    }
  }

  private next(): Promise<string | undefined> {
    const { context, owner } = this.home;
    return context.vault.read(async (view) => {
      let first: { id: string; at: number } | undefined;
      for await (const { key, value } of files.scan(view, owner.conversationId)) {
        const waits = value.phase === FILE_PHASES.sending && !this.cancelled.has(key);
        if (waits && (first === undefined || value.at < first.at)) first = { id: key, at: value.at };
      }
      return first?.id;
    });
  }

  private async send(id: string): Promise<void> {
    const { home } = this;
    const stop = new AbortController();
    this.current = { id, stop };
    try {
      const record = await this.record(id);
      if (record?.plan === undefined) return;
      const progress = (state: 'running' | 'waiting', { done, length }: SpillProgress): void => {
        home.tell({ id: id as MessageId, direction: 'out', state, done, length });
      };
      const { length } = record.plan;
      const lent = await home.lend();
      if (lent === undefined) {
        progress('waiting', { done: 0, length });
        throw new SottoError('NET_UNREACHABLE', { retry: 'later' });
      }
      const plan = await this.fresh(id, record);
      let kept = plan.written;
      const written = await writeSpill(lent.session, {
        against: lent.against,
        source: shelfSource(home.context.vault, home.owner, id, length),
        plan,
        signal: stop.signal,
        onPlan: (next) => {
          if (next.written - kept < KEEP_PLAN_BLOCKS) return;
          kept = next.written;
          void this.keep(id, next).catch(() => undefined);
        },
        onProgress: (at) => {
          progress('running', at);
        },
      });
      await this.announce(id, written);
      home.tell({ id: id as MessageId, direction: 'out', state: 'done', done: length, length });
    } catch (error) {
      if (this.cancelled.has(id)) return;
      if (hasCode(error, 'SPILL_LOST')) await this.renew(id);
      throw error;
    } finally {
      this.current = undefined;
    }
  }

  private async announce(id: string, plan: SpillPlan): Promise<void> {
    const { context, owner, reader } = this.home;
    await this.keep(id, plan);
    const raw = await context.vault.read(async (view) => {
      const at = await linePositions.get(view, owner.conversationId, id);
      return at === undefined ? undefined : (await lines.get(view, owner.conversationId, at.position))?.raw;
    });
    const said =
      raw !== undefined &&
      (await this.home.announce(
        id as MessageId,
        encodeAttachment({ ...decodeAttachment(raw), spill: spillRef(plan, { reader }) }),
        plan,
      ));
    // Taken back or expired meanwhile: nobody will ever ask for it.
    if (!said) await this.remove(id, plan);
  }

  /** Removes what is at the relay, and here. */
  async remove(id: string, plan: SpillPlan): Promise<void> {
    const { context, owner } = this.home;
    const lent = await this.home.lend().catch(() => undefined);
    if (lent !== undefined) {
      await deleteSpill(lent.session, plan).catch((error: unknown) => {
        this.home.trouble(error);
      });
    }
    await context.vault.transact((tx) => eraseFile(tx, owner, id));
  }

  private async fresh(id: string, { plan }: FileRecord): Promise<SpillPlan> {
    if (plan === undefined) throw new SottoError('FILE_ABSENT');
    const leftSeconds = plan.keptUntil - this.home.context.now() / 1_000;
    if (plan.keptUntil === 0 || leftSeconds > plan.ttlSeconds * STALE_SHARE) return plan;
    return this.renew(id);
  }

  private async renew(id: string): Promise<SpillPlan> {
    const record = await this.record(id);
    if (record?.plan === undefined) throw new SottoError('FILE_ABSENT');
    const plan = renewPlan(record.plan);
    await this.keep(id, plan);
    return plan;
  }

  private async keep(id: string, plan: SpillPlan): Promise<void> {
    const { context, owner } = this.home;
    await context.vault.transact(async (tx) => {
      const record = await files.get(tx, owner.conversationId, id);
      if (record !== undefined) await putFile(tx, owner, id, { ...record, plan });
    });
  }

  private record(id: string): Promise<FileRecord | undefined> {
    const { context, owner } = this.home;
    return context.vault.read((view) => files.get(view, owner.conversationId, id));
  }
}

/** What goes by without anyone having to hear of it. */
function isPassing(error: unknown): boolean {
  const passing = [
    'NET_CLOSED',
    'NET_UNREACHABLE',
    'NET_LINK_DEAD',
    'NET_SUPERSEDED',
    'SPILL_LOST',
    'SPILL_STOPPED',
    // A room lets nothing be said just now.
    'ROOM_ENTERING',
    'ROOM_MUTED',
    'ROOM_NEWCOMER',
    'ROOM_NO_FILES',
    'ROOM_READ_ONLY',
    'ROOM_SLOW',
    'ROOM_UNHOSTED',
  ] as const;
  return passing.some((code) => hasCode(error, code));
}
