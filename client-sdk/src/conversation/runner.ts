// Drives one conversation: keeps both mailboxes working, turns deliveries into transactions, pumps the outbox, begins
// the session anew when it must. Every event is one transaction; only when it is durable does anything leave or get
// shown. What the events mean is receive.ts, send.ts and restart.ts; people's view of it is conversation.ts.
import type { Body } from '../content/content.ts';
import type { RestartCause } from '../content/packet.ts';
import { equalBytes, toHex } from '../crypto/index.ts';
import { Backoff, type Host, pause } from '../context.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { AppendOutcome, ChannelReset, ReceivedBlock } from '../net/index.ts';
import { linePositions, lines, timedLines } from '../history/record.ts';
import { queuedContents, type Sealed, sealedBlocks } from '../outbox/record.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import { dropPreKeys, loadPreKeys, loadSession, saveSession, secretsOf } from './keys.ts';
import type { OwnMailbox, PeerMailbox } from './mailbox.ts';
import { envelopeKeysOf, openBlock, openMessage, type SessionMessage } from './open.ts';
import { type MailboxHome, OwnedMailbox } from './owned-mailbox.ts';
import { PeerWriter, type Standing } from './peer-writer.ts';
import { type Effect, notice, receivePacket, releaseHeld, showUnreadable, type Step } from './receive.ts';
import {
  CLOSED_BY,
  type ConversationRecord,
  conversationPath,
  conversations,
  heldContents,
  PHASES,
  ROLES,
} from './record.ts';
import { forgetConversation } from './forget.ts';
import { adoptSession, beginFromSlot, makeRestartBundle } from './restart.ts';
import { noteBlock } from './seen.ts';
import {
  applyOwn,
  dropSealed,
  enqueue,
  noteAnswers,
  requeueUnanswered,
  sayAgain,
  sealWaiting,
  wantRestart,
} from './send.ts';

/** Unreadable blocks in a row after which the session begins anew. */
const MAX_UNREADABLE = 3;

/** What the runner tells: an effect of a durable transaction, or a content that the relay now has. */
export type RunnerEvent =
  | Effect
  | { readonly type: 'delivered'; readonly id: string; readonly keptUntil: number; readonly shown: boolean };

export class ConversationRunner implements MailboxHome {
  readonly id: string;
  /** The record as the last durable event left it, once one was read or written. */
  latest: ConversationRecord | undefined;
  private written: ConversationRecord | undefined;
  private readonly host: Host;
  private readonly tell: (event: RunnerEvent) => void;
  private readonly mailbox: OwnedMailbox;
  private writer: PeerWriter | undefined;
  private former: PeerWriter | undefined;
  private standing: Promise<void> = Promise.resolve();
  private answers: { key: number; outcome: AppendOutcome }[] = [];
  private pumping = false;
  private again = false;
  private stopped = false;
  private holeTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly backoff: Backoff;

  constructor(host: Host, id: string, tell: (event: RunnerEvent) => void) {
    this.host = host;
    this.id = id;
    this.tell = tell;
    this.mailbox = new OwnedMailbox(host, this);
    this.backoff = new Backoff(host.context.pace);
  }

  /** Begins reading and sending; failures are retried in the background. */
  start(): void {
    void this.background(async () => {
      const record = await this.record();
      if (record.phase === PHASES.closed) {
        // Killed before the relay had heard of the end.
        if (record.own.made) await this.endMailbox();
        return;
      }
      if (record.phase === PHASES.securing) {
        await this.finishSecuring();
        return;
      }
      for await (const _ of this.scanHeld()) this.armHole();
      if (record.own.made) void this.background(() => this.mailbox.start());
      this.wake();
    });
  }

  /** Killed while accepting: the link is mine, or became someone else's. */
  private async finishSecuring(): Promise<void> {
    for (;;) {
      try {
        await this.secure();
        this.wake();
        return;
      } catch (error) {
        if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
        if (hasCode(error, 'NET_LINK_DEAD') || hasCode(error, 'NET_SUPERSEDED')) {
          await this.close(CLOSED_BY.used);
          return;
        }
        await pause(this.backoff.nextMs(), this.host.stopped);
      }
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.holeTimer);
    this.mailbox.stop();
    this.writer?.close();
    this.former?.close();
    this.writer = undefined;
    this.former = undefined;
  }

  async record(): Promise<ConversationRecord> {
    const record = await this.host.context.vault.read((view) => this.loadRecord(view));
    this.latest ??= record;
    return record;
  }

  /** One event: reads the record, lets `work` change it, writes it, and tells the effects once all is durable. */
  async step<R>(work: (step: Step) => Promise<R>): Promise<R> {
    const effects: Effect[] = [];
    const result = await this.host.context.vault.transact((tx) => this.stepIn(tx, effects, work));
    this.reactTo(effects);
    return result;
  }

  /** As `step`, inside a transaction of another: call `reactTo` with the effects when it is durable. */
  async stepIn<R>(tx: Transaction, effects: Effect[], work: (step: Step) => Promise<R>): Promise<R> {
    const before = await this.loadRecord(tx);
    const owner = { personaId: this.host.personaId, conversationId: this.id };
    const step: Step = { tx, owner, nowMs: this.host.context.now(), record: before, effects };
    const outcome = await work(step);
    if (step.record !== before) await this.saveRecord(tx, step.record);
    this.written = step.record;
    return outcome;
  }

  /** The transaction of `stepIn` is durable. */
  reactTo(effects: readonly Effect[]): void {
    this.latest = this.written;
    for (const effect of effects) this.react(effect);
  }

  /**
   * Queues a content. Resolves once it can't be lost here.
   * @param stored - Called with its id before anything leaves.
   * @returns its id (hex), or undefined where its target isn't there or isn't mine.
   */
  async send(body: Body, stored: (id: string) => void = () => undefined): Promise<string | undefined> {
    const id = await this.step(async (step) => {
      if (step.record.phase !== PHASES.open) throw new SottoError('CONVERSATION_CLOSED');
      if (!(await applyOwn(step, body))) return undefined;
      if (body.type === 'timer') {
        step.record = { ...step.record, timerSeconds: body.seconds };
        await notice(step, 'timer', body.seconds);
      }
      return enqueue(step, body);
    });
    if (id === undefined) return undefined;
    stored(toHex(id));
    this.wake();
    return toHex(id);
  }

  /**
   * The accepter's first act: makes the link's mailbox mine.
   * @throws SottoError NET_LINK_DEAD, NET_SUPERSEDED where someone else was first.
   */
  async secure(): Promise<void> {
    await this.openWriter();
  }

  /** Looks again whether there is something to send. */
  wake(): void {
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.pumping = true;
    void this.background(async () => {
      do {
        this.again = false;
        await this.pump();
      } while (this.again as boolean);
    }).finally(() => {
      this.pumping = false;
      if (this.again) this.wake();
    });
  }

  /** Forgets the history at once, says goodbye, and forgets the rest once the relay has the goodbye. */
  async leave(): Promise<void> {
    await this.step(async (step) => {
      const { tx } = step;
      const path = conversationPath(this.host.personaId, this.id);
      for (const table of [lines, linePositions, timedLines, queuedContents]) await tx.clear(table, this.id);
      for (const name of tx.childKeys(path)) {
        if (name.startsWith('day/') || name.startsWith('timed/')) tx.eraseKey([...path, name]);
      }
      if (step.record.phase === PHASES.open) {
        await enqueue(step, { type: 'control', retired: false, left: true, name: '' });
      }
      step.record = { ...step.record, phase: PHASES.leaving, closedBy: CLOSED_BY.me };
      step.effects.push({ type: 'leaving' });
    });
    this.wake();
  }

  /** Tells the peer another name. */
  async rename(name: string): Promise<void> {
    await this.step(async (step) => {
      if (step.record.phase !== PHASES.open) return;
      step.record = { ...step.record, ownName: name };
      await enqueue(step, { type: 'control', retired: false, left: false, name });
    });
    this.wake();
  }

  /** For burning: holds in memory what deleting the mailbox needs, after its keys are gone from the store. */
  prepareDeletion(): Promise<() => Promise<void>> {
    return this.mailbox.prepareDeletion();
  }

  /** The persona is retired: says so, then closes; the history stays. */
  async retire(): Promise<void> {
    await this.step(async (step) => {
      if (step.record.phase !== PHASES.open) return;
      await enqueue(step, { type: 'control', retired: true, left: false, name: '' });
      step.record = { ...step.record, phase: PHASES.leaving, closedBy: CLOSED_BY.retired };
    });
    this.wake();
  }

  /** The goodbye is out: nothing of the conversation remains. */
  private async forget(): Promise<void> {
    await this.mailbox.delete().catch((error: unknown) => {
      this.host.trouble(error);
    });
    this.stop();
    await this.host.context.vault.transact((tx) => forgetConversation(tx, this.host.personaId, this.id));
  }

  /** Stops for good: nothing more is read or sent, and the relay forgets the mailbox. */
  async close(closedBy: number): Promise<void> {
    await this.step((step) => {
      step.record = { ...step.record, phase: PHASES.closed, closedBy };
      step.effects.push({ type: 'closed' });
      return Promise.resolve();
    });
  }

  /** Closed: the relay may forget my mailbox, and nothing is read or sent any more. */
  private async endMailbox(): Promise<void> {
    const deletion = await this.mailbox.prepareDeletion();
    const deleted = deletion();
    try {
      await deleted;
      await this.step((step) => {
        step.record = { ...step.record, own: { ...step.record.own, made: false } };
        return Promise.resolve();
      });
    } finally {
      this.stop();
    }
  }

  // ── MailboxHome ──

  async load(view: ReadView): Promise<OwnMailbox | undefined> {
    return (await this.loadRecord(view)).own;
  }

  async save(tx: Transaction, change: (own: OwnMailbox) => OwnMailbox): Promise<void> {
    const record = await this.loadRecord(tx);
    await this.saveRecord(tx, { ...record, own: change(record.own) });
  }

  makeBundle(tx: Transaction, own: OwnMailbox): Promise<Uint8Array | undefined> {
    return this.loadRecord(tx).then((record) =>
      makeRestartBundle(this.host, { tx, ownerId: this.id, own }, record),
    );
  }

  /** A block in my mailbox. */
  async receive(block: ReceivedBlock): Promise<void> {
    await this.step(async (step) => {
      const at = { personaId: this.host.personaId, ownerId: this.id };
      const seen = await noteBlock(step.tx, at, step.record.own, block);
      if (seen.repeat) return;
      step.record = { ...step.record, own: seen.own };
      if (seen.wentBack) await notice(step, 'relay', 1);
      const message = openBlock(envelopeKeysOf(step.record), block.block);
      if (message === undefined) await this.unreadable(step);
      else await this.receiveMessage(step, message);
    });
    this.wake();
  }

  /** A session message, from my mailbox or through a standing address. */
  async receiveMessage(step: Step, message: SessionMessage): Promise<void> {
    const { engine } = this.host.context;
    const { record, tx } = step;
    if (record.phase === PHASES.closed || record.phase === PHASES.leaving) return;
    const session = await loadSession(tx, this.id);
    const rows = await loadPreKeys(tx, this.id, engine);
    const identity = { secret: record.identitySecret, registrationId: record.registrationId };
    const opened = await openMessage(engine, identity, { session, preKeys: secretsOf(rows) }, message);
    if (opened.result === 'repeat') return;
    if (opened.result === 'unreadable') {
      await this.unreadable(step, message.kind);
      return;
    }
    const keyOwner = { personaId: this.host.personaId, ownerId: this.id };
    await saveSession(tx, keyOwner, opened.change.next);
    const signedId = opened.change.used?.signedId;
    const used = rows.find((row) => row.secret?.kind === 'signed' && row.id === signedId);
    // The peer holds newer keys now: the older ones have served.
    if (used !== undefined) await dropPreKeys(tx, keyOwner, (row) => row.at < used.at);
    await receivePacket(step, opened.packet, opened.kind);
    // The peer may have lost what it needs to read what is under way: it goes out again under the new session.
    const restart = step.effects.find((effect) => effect.type === 'restarted');
    if (restart === undefined) return;
    await requeueUnanswered(step);
    await sayAgain(step, restart.seen);
  }

  async onReset(reset: ChannelReset): Promise<void> {
    await this.step(async (step) => {
      const { own } = step.record;
      // A store that went back gives numbers a second time: `noteBlock` tells those blocks by their append ids.
      const cursor = reset.cause === 'new-store' ? 0 : own.cursor;
      step.record = { ...step.record, own: { ...own, incarnation: reset.incarnation, cursor } };
      await notice(step, 'relay', 1);
    });
    // The slot went back too: what lies there now may have been made with keys that are gone.
    if (reset.cause === 'went-back') await this.mailbox.republish();
  }

  // ── outbox ──

  private async pump(): Promise<void> {
    if (this.stopped) return;
    const record = await this.record();
    if (record.phase === PHASES.closed || record.phase === PHASES.securing) return;
    if (record.restartWanted === 0 && !(await this.hasWork())) {
      if (record.phase === PHASES.leaving) {
        await (record.closedBy === CLOSED_BY.retired ? this.close(CLOSED_BY.retired) : this.forget());
      }
      return;
    }
    try {
      if (!record.own.made) await this.mailbox.start();
      if (record.former !== undefined) await this.openFormer(record);
      await this.openWriter();
      if ((await this.record()).restartWanted !== 0 && !(await this.beginAnew())) return;
      await this.sealAndSend();
      this.backoff.reset();
    } catch (error) {
      await this.handleFailure(error);
    }
  }

  private async handleFailure(error: unknown): Promise<void> {
    if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
    if (hasCode(error, 'NET_BLOCKED')) {
      await this.close(CLOSED_BY.operator);
      return;
    }
    if (hasCode(error, 'SESSION_ENGINE') || hasCode(error, 'SESSION_STALE')) {
      await this.step((step) => {
        this.askRestart(step, 'engine');
        return Promise.resolve();
      });
    } else if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) this.host.trouble(error);
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
      for await (const _ of queuedContents.scan(view, this.id, { limit: 1 })) return true;
      for await (const _ of sealedBlocks.scan(view, this.id, { limit: 1 })) return true;
      return false;
    });
  }

  private async sealAndSend(): Promise<void> {
    const { engine, renewAfterBlocks } = this.host.context;
    const rows = await this.step((step) => sealWaiting(step, engine, renewAfterBlocks));
    for (const { key, value } of rows) this.writer?.send(key, value);
    if (rows.length > 0) this.again = true;
  }

  private async openWriter(): Promise<void> {
    if (this.writer?.alive === true) return;
    this.writer?.close();
    const record = await this.record();
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
      for await (const row of sealedBlocks.scan(view, this.id)) {
        if (equalBytes(row.value.writeId, peer.writeId)) rows.push(row);
      }
    });
    return new PeerWriter({
      session: this.host.session(peer, this.id),
      peer,
      rows,
      onSecured: (baseline) => this.noteSecured(peer, baseline),
      onAnswer: (key, outcome) => {
        this.answers.push({ key, outcome });
        if (this.answers.length === 1) setTimeout(() => void this.background(() => this.flushAnswers()), 0);
      },
      onRejected: (key, error) => void this.background(() => this.noteRejected(key, error)),
      onStanding: (standing) => {
        this.standing = this.standing.then(() => this.noteStanding(peer, standing)).catch((error: unknown) => {
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
    return this.step((step) => {
      const now = step.record.peer;
      if (equalBytes(now.writeId, peer.writeId)) {
        const { incarnation, sequence } = baseline;
        const secured = { ...now, secured: true, answered: sequence, ...(incarnation ? { incarnation } : {}) };
        const phase = step.record.phase === PHASES.securing ? PHASES.open : step.record.phase;
        step.record = { ...step.record, peer: secured, phase };
      }
      return Promise.resolve();
    });
  }

  private async noteStanding(peer: PeerMailbox, standing: Standing): Promise<void> {
    await this.step(async (step) => {
      const now = step.record.peer;
      if (now.shared || !equalBytes(now.writeId, peer.writeId)) return;
      const { incarnation, lastSequence, verdict } = standing;
      if (verdict === 'same') {
        if (now.incarnation === undefined) step.record = { ...step.record, peer: { ...now, incarnation } };
        return;
      }
      step.record = { ...step.record, peer: { ...now, incarnation, answered: lastSequence } };
      if (verdict === 'rewound') this.askRestart(step, 'rewound');
      else await notice(step, 'relay', 2);
    });
  }

  private async flushAnswers(): Promise<void> {
    const answers = this.answers;
    this.answers = [];
    const done = await this.step(async (step) => {
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
      this.tell({ type: 'delivered', id: toHex(contentId), keptUntil, shown: type === 1 || type === 5 });
    }
    this.wake();
  }

  private async owesFormer(step: Step): Promise<boolean> {
    const writeId = step.record.former?.writeId ?? new Uint8Array(0);
    for await (const { value } of sealedBlocks.scan(step.tx, this.id)) {
      if (equalBytes(value.writeId, writeId)) return true;
    }
    return false;
  }

  /** The relay won't take a block. What is kept goes out again when the right is back, or under a new session. */
  private async noteRejected(key: number, error: unknown): Promise<void> {
    if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
    if (hasCode(error, 'NET_REWOUND')) {
      await this.step((step) => {
        dropSealed(step, key);
        this.askRestart(step, 'rewound');
        return Promise.resolve();
      });
    } else if (hasCode(error, 'NET_BLOCKED')) {
      await this.close(CLOSED_BY.operator);
      return;
    }
    // The first of many rejections closes the right; one pump opens it again.
    if (this.writer === undefined) return;
    this.writer.close();
    this.writer = undefined;
    await this.retryLater();
    this.wake();
  }

  // ── starting anew ──

  /** @returns false where the peer's bundle can't be had yet. */
  private async beginAnew(): Promise<boolean> {
    const { now, pace } = this.host.context;
    const record = await this.record();
    const wait = record.restartAt + pace.restartMs - now();
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
    const session = slot === undefined ? undefined : await beginFromSlot(this.host, this.id, slot.block);
    if (session === undefined) {
      await this.retryLater();
      return false;
    }
    await this.step(async (step) => {
      await saveSession(step.tx, { personaId: this.host.personaId, ownerId: this.id }, session);
      await adoptSession(step);
      await requeueUnanswered(step);
      let any = false;
      for await (const _ of queuedContents.scan(step.tx, this.id, { limit: 1 })) any = true;
      if (!any) await enqueue(step, { type: 'control', retired: false, left: false, name: '' });
    });
    return true;
  }

  private async unreadable(step: Step, kind?: SessionMessage['kind']): Promise<void> {
    await showUnreadable(step);
    const mayRestart = step.record.answered || step.record.role === ROLES.inviter;
    // A first message that doesn't open was made from keys that we lost: waiting for two more would help nobody.
    if ((kind === 'preKey' || step.record.unreadable >= MAX_UNREADABLE) && mayRestart) {
      step.record = { ...step.record, unreadable: 0 };
      this.askRestart(step, 'unreadable');
    }
  }

  private askRestart(step: Step, cause: RestartCause): void {
    step.record = wantRestart(step.record, cause);
    step.effects.push({ type: 'republish' });
  }

  // ── effects ──

  private react(effect: Effect): void {
    if (effect.type === 'holding') this.armHole();
    if (effect.type === 'moved') {
      this.former = this.writer;
      this.writer = undefined;
    }
    if (effect.type === 'answered' || effect.type === 'republish') void this.background(() => this.mailbox.refresh());
    if (effect.type === 'closed') void this.background(() => this.endMailbox());
    this.tell(effect);
  }

  private armHole(): void {
    this.holeTimer ??= setTimeout(() => {
      this.holeTimer = undefined;
      void this.background(async () => {
        await this.step(releaseHeld);
        for await (const _ of this.scanHeld()) this.armHole();
      });
    }, this.host.context.pace.holeMs);
  }

  private async *scanHeld(): AsyncIterable<unknown> {
    const any = await this.host.context.vault.read(async (view) => {
      for await (const row of heldContents.scan(view, this.id, { limit: 1 })) return row;
      return undefined;
    });
    if (any !== undefined) yield any;
  }

  private async background(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!this.stopped && !this.host.stopped.aborted) this.host.trouble(error);
    }
  }

  private async loadRecord(view: ReadView): Promise<ConversationRecord> {
    const record = await conversations.get(view, this.host.personaId, this.id);
    if (record === undefined) throw new SottoError('CONVERSATION_GONE');
    return record;
  }

  private saveRecord(tx: Transaction, value: ConversationRecord): Promise<void> {
    const under = conversationPath(this.host.personaId, this.id);
    return conversations.put(tx, { partition: this.host.personaId, key: this.id, value }, { under });
  }
}
