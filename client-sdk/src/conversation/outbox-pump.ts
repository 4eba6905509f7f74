// Empties one conversation's outbox: opens the right to write, waits for what the relay remembers of it, seals what is
// queued, sends, notes the answers, and begins the session anew where that is wanted. One round at a time; whatever
// happens meanwhile asks for another. What sealing and answers change is send.ts; deliveries are the runner's concern.
import type { RestartCause } from '../content/packet.ts';
import { equalBytes, toHex } from '../crypto/index.ts';
import { Backoff, type Host, pause, restOf } from '../context.ts';
import { hasCode } from '../errors.ts';
import { LINE_TYPES } from '../history/record.ts';
import type { AppendOutcome, RelaySession, WriterHandle } from '../net/index.ts';
import { queuedContents, type Sealed, sealedBlocks } from '../outbox/record.ts';
import { saveSession } from './keys.ts';
import type { PeerMailbox } from './mailbox.ts';
import { PeerWriter, type Standing } from './peer-writer.ts';
import { notice, type Step } from './receive.ts';
import { CLOSED_BY, type ConversationRecord, PHASES } from './record.ts';
import { adoptSession, beginFromSlot } from './restart.ts';
import { dropSealed, enqueue, noteAnswers, requeueUnanswered, sealWaiting } from './send.ts';

/** What the pump asks of the conversation that it serves. */
export interface PumpHome {
  readonly host: Host;
  readonly id: string;
  record(): Promise<ConversationRecord>;
  step<R>(work: (step: Step) => Promise<R>): Promise<R>;
  /** Makes my mailbox and reads it: the peer learns its address by what is sent next. */
  startMailbox(): Promise<void>;
  /** The last word is out. */
  finish(record: ConversationRecord): Promise<void>;
  close(closedBy: number): Promise<void>;
  askRestart(step: Step, cause: RestartCause): void;
  /** The relay has a content whole. `shown`: it is a message that people see. */
  delivered(content: { id: string; keptUntil: number; shown: boolean }): void;
  /** Runs work that nobody waits for; its failure is reported. */
  background(task: () => Promise<unknown>): Promise<void>;
}

export class OutboxPump {
  private readonly home: PumpHome;
  private readonly host: Host;
  private readonly backoff: Backoff;
  private writer: PeerWriter | undefined;
  private former: PeerWriter | undefined;
  private standing: Promise<void> = Promise.resolve();
  private opening: Promise<void> | undefined;
  private answers: { key: number; outcome: AppendOutcome }[] = [];
  private pumping = false;
  private again = false;
  private stopped = false;

  constructor(home: PumpHome) {
    this.home = home;
    this.host = home.host;
    this.backoff = new Backoff(home.host.context.pace);
  }

  /** Looks again whether there is something to send. */
  wake(): void {
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.pumping = true;
    void this.home
      .background(async () => {
        do {
          this.again = false;
          await this.round();
        } while (this.again as boolean);
      })
      .finally(() => {
        this.pumping = false;
        if (this.again) this.wake();
      });
  }

  /** The peer was heard from: a mailbox that was full when it was away may have room. */
  peerSeen(): void {
    this.writer?.peerSeen();
  }

  /** The conversation moves to a mailbox of its own; what was sealed for the address still goes there. */
  moved(): void {
    this.former = this.writer;
    this.writer = undefined;
  }

  stop(): void {
    this.stopped = true;
    this.writer?.close();
    this.former?.close();
    this.writer = undefined;
    this.former = undefined;
  }

  private async round(): Promise<void> {
    if (this.stopped) return;
    try {
      await this.attempt();
    } catch (error) {
      await this.handleFailure(error);
    }
  }

  private async attempt(): Promise<void> {
    const record = await this.home.record();
    if (record.phase === PHASES.closed || record.phase === PHASES.securing) return;
    if (record.restartWanted === 0 && !(await this.hasWork())) {
      if (record.phase === PHASES.leaving) await this.home.finish(record);
      return;
    }
    if (!record.own.made) await this.home.startMailbox();
    if (record.former !== undefined) await this.openFormer(record);
    await this.open();
    if ((await this.home.record()).restartWanted !== 0 && !(await this.beginAnew())) return;
    await this.sealAndSend();
    this.backoff.reset();
  }

  private async handleFailure(error: unknown): Promise<void> {
    if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
    if (hasCode(error, 'NET_BLOCKED')) {
      await this.home.close(CLOSED_BY.operator);
      return;
    }
    if (hasCode(error, 'SESSION_ENGINE') || hasCode(error, 'SESSION_STALE')) {
      await this.home.step((step) => {
        this.home.askRestart(step, 'engine');
        return Promise.resolve();
      });
    } else if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED'))
      this.host.trouble(error);
    this.writer?.close();
    this.writer = undefined;
    await this.retryLater();
  }

  private async retryLater(): Promise<void> {
    await pause(this.backoff.nextMs(), this.host.stopped).catch(() => undefined);
    this.again = !this.stopped && !this.host.stopped.aborted;
  }

  private hasWork(): Promise<boolean> {
    return this.host.context.vault.read(async (view) => {
      for await (const _ of queuedContents.scan(view, this.home.id, { limit: 1 })) return true;
      for await (const _ of sealedBlocks.scan(view, this.home.id, { limit: 1 })) return true;
      return false;
    });
  }

  private async sealAndSend(): Promise<void> {
    const { engine, renewAfterBlocks } = this.host.context;
    const rows = await this.home.step((step) => sealWaiting(step, engine, renewAfterBlocks));
    for (const { key, value } of rows) this.writer?.send(key, value);
    if (rows.length > 0) this.again = true;
  }

  /** Opens the right to write, securing the mailbox where that is still to be done. */
  open(): Promise<void> {
    this.opening ??= this.openNow().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  /** The right to write to the peer, to make a spill under; undefined while the peer has no mailbox of its own. */
  async lend(): Promise<{ session: RelaySession; against: WriterHandle } | undefined> {
    const { phase, peer } = await this.home.record();
    if (this.stopped || phase !== PHASES.open || peer.shared) return undefined;
    await this.open();
    const against = this.writer?.right;
    return against === undefined ? undefined : { session: this.host.session(peer, this.home.id), against };
  }

  private async openNow(): Promise<void> {
    if (this.writer?.alive === true) return;
    this.writer?.close();
    const record = await this.home.record();
    const writer = await this.writerFor(record.peer);
    this.writer = writer;
    try {
      await writer.open();
    } catch (error) {
      writer.close();
      if (this.writer === writer) this.writer = undefined;
      throw error;
    }
    // What the relay remembers was written down before anything new is sealed.
    await this.standing;
  }

  private async openFormer(record: ConversationRecord): Promise<void> {
    const { former } = record;
    if (former === undefined || this.former !== undefined) return;
    const writer = await this.writerFor(former);
    this.former = writer;
    await writer.open().catch((error: unknown) => {
      writer.close();
      this.host.trouble(error);
    });
  }

  private async writerFor(peer: PeerMailbox): Promise<PeerWriter> {
    const rows: { key: number; value: Sealed }[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const row of sealedBlocks.scan(view, this.home.id)) {
        if (equalBytes(row.value.writeId, peer.writeId)) rows.push(row);
      }
    });
    return new PeerWriter({
      session: this.host.session(peer, this.home.id),
      peer,
      rows,
      onSecured: (baseline) => this.noteSecured(peer, baseline),
      onAnswer: (key, outcome) => {
        this.answers.push({ key, outcome });
        if (this.answers.length === 1) this.flushSoon();
      },
      onRejected: (key, error) => void this.home.background(() => this.noteRejected(key, error)),
      onStanding: (standing) => {
        this.standing = this.standing
          .then(() => this.noteStanding(peer, standing))
          .catch((error: unknown) => {
            this.host.trouble(error);
          });
      },
      onLost: () => {
        this.wake();
      },
    });
  }

  private noteSecured(
    peer: PeerMailbox,
    baseline: { incarnation: Uint8Array | undefined; sequence: number },
  ): Promise<void> {
    return this.home.step((step) => {
      const now = step.record.peer;
      if (equalBytes(now.writeId, peer.writeId)) {
        const { incarnation, sequence } = baseline;
        const secured = {
          ...now,
          secured: true,
          answered: sequence,
          ...(incarnation ? { incarnation } : {}),
        };
        const first = step.record.phase === PHASES.securing;
        step.record = { ...step.record, peer: secured, ...(first ? { phase: PHASES.open } : {}) };
        if (first) step.effects.push({ type: 'secured' });
      }
      return Promise.resolve();
    });
  }

  private async noteStanding(peer: PeerMailbox, standing: Standing): Promise<void> {
    await this.home.step(async (step) => {
      const now = step.record.peer;
      if (now.shared || !equalBytes(now.writeId, peer.writeId)) return;
      const { incarnation, lastSequence, verdict } = standing;
      if (verdict === 'same') {
        if (now.incarnation === undefined) step.record = { ...step.record, peer: { ...now, incarnation } };
        return;
      }
      step.record = { ...step.record, peer: { ...now, incarnation, answered: lastSequence } };
      if (verdict === 'rewound') this.home.askRestart(step, 'rewound');
      else await notice(step, 'relay', 2);
    });
  }

  private flushSoon(): void {
    setTimeout(() => void this.home.background(() => this.flushAnswers()), 0);
  }

  /** What can't be written now is kept: a block whose answer is forgotten would be waited for until the next start. */
  private async flushAnswers(): Promise<void> {
    const answers = this.answers;
    this.answers = [];
    try {
      await this.note(answers);
    } catch (error) {
      if (this.stopped) return;
      this.host.trouble(error);
      const isAlone = this.answers.length === 0;
      this.answers.unshift(...answers);
      await pause(this.host.context.pace.retryMs, this.host.stopped);
      if (isAlone) this.flushSoon();
    }
  }

  private async note(answers: readonly { key: number; outcome: AppendOutcome }[]): Promise<void> {
    const done = await this.home.step(async (step) => {
      const finished = await noteAnswers(step, answers);
      if (step.record.former !== undefined && !(await this.owesFormer(step))) {
        const { former: _, ...rest } = step.record;
        step.record = rest;
        this.former?.close();
        this.former = undefined;
      }
      return finished;
    });
    for (const { contentId, keptUntil, type } of done) {
      this.home.delivered({ id: toHex(contentId), keptUntil, shown: LINE_TYPES.includes(type) });
    }
    this.wake();
  }

  private async owesFormer(step: Step): Promise<boolean> {
    const writeId = step.record.former?.writeId ?? new Uint8Array(0);
    for await (const { value } of sealedBlocks.scan(step.tx, this.home.id)) {
      if (equalBytes(value.writeId, writeId)) return true;
    }
    return false;
  }

  /** The relay won't take a block. What is kept goes out again when the right is back, or under a new session. */
  private async noteRejected(key: number, error: unknown): Promise<void> {
    if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
    if (hasCode(error, 'NET_REWOUND')) {
      await this.home.step((step) => {
        dropSealed(step, key);
        this.home.askRestart(step, 'rewound');
        return Promise.resolve();
      });
    } else if (hasCode(error, 'NET_BLOCKED')) {
      await this.home.close(CLOSED_BY.operator);
      return;
    }
    // The first of many rejections closes the right; one pump opens it again.
    if (this.writer === undefined) return;
    this.writer.close();
    this.writer = undefined;
    await this.retryLater();
    this.wake();
  }

  /** @returns false where the peer's bundle can't be had yet. */
  private async beginAnew(): Promise<boolean> {
    const { now, pace } = this.host.context;
    const record = await this.home.record();
    const wait = restOf(pace.restartMs, { since: record.restartAt, now: now() });
    if (wait > 0) {
      void pause(wait, this.host.stopped).then(
        () => {
          this.wake();
        },
        () => undefined,
      );
      return false;
    }
    const slot = await this.writer?.readSlot();
    const session = slot === undefined ? undefined : await beginFromSlot(this.host, this.home.id, slot.block);
    if (session === undefined) {
      await this.retryLater();
      return false;
    }
    await this.home.step(async (step) => {
      await saveSession(step.tx, { personaId: this.host.personaId, ownerId: this.home.id }, session);
      await adoptSession(step);
      await requeueUnanswered(step);
      let any = false;
      for await (const _ of queuedContents.scan(step.tx, this.home.id, { limit: 1 })) any = true;
      if (!any) await enqueue(step, { type: 'control', retired: false, left: false, name: '' });
    });
    return true;
  }
}
