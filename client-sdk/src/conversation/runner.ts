// Drives one conversation: keeps its mailbox working, turns deliveries and what people do into transactions, and wakes
// the outbox. Every event is one transaction; only when it is durable does anything leave or get shown. What the events
// mean is receive.ts and send.ts; sending is outbox-pump.ts; people's view of it is conversation.ts.
import { type AttachmentBody, encodeAttachment } from '../attachment/body.ts';
import { eraseFiles, FILE_PHASES, fileSent, putFile } from '../attachment/record.ts';
import type { Body } from '../content/content.ts';
import type { RestartCause } from '../content/packet.ts';
import { fromHex, toHex } from '../crypto/index.ts';
import { Backoff, type Host, pause } from '../context.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { ChannelReset, ReceivedBlock } from '../net/index.ts';
import { DELIVERY, linePositions, lines, timedLines } from '../history/record.ts';
import { addLine, blankLine, findLine, putLine, removeLine } from '../history/write.ts';
import { queuedContents } from '../outbox/record.ts';
import type { SpillPlan } from '../spill/plan.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import { dropPreKeys, loadPreKeys, loadSession, saveSession, secretsOf } from './keys.ts';
import type { OwnMailbox } from './mailbox.ts';
import { envelopeKeysOf, openBlock, openMessage, type SessionMessage } from './open.ts';
import { type MailboxHome, OwnedMailbox } from './owned-mailbox.ts';
import { OutboxPump } from './outbox-pump.ts';
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
import { giveUpWaiting } from './give-up.ts';
import { makeRestartBundle } from './restart.ts';
import { noteBlock } from './seen.ts';
import { applyOwn, enqueue, requeueLine, requeueUnanswered, sayAgain, wantRestart } from './send.ts';

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
  private mailbox: OwnedMailbox;
  private pump: OutboxPump;
  private stopped = false;
  private holeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, id: string, tell: (event: RunnerEvent) => void) {
    this.host = host;
    this.id = id;
    this.tell = tell;
    this.mailbox = new OwnedMailbox(host, this);
    this.pump = this.makePump();
  }

  private makePump(): OutboxPump {
    return new OutboxPump({
      host: this.host,
      id: this.id,
      record: () => this.record(),
      step: (work) => this.step(work),
      startMailbox: () => this.mailbox.start(),
      finish: (record) =>
        record.closedBy === CLOSED_BY.retired ? this.close(record.closedBy) : this.forget(),
      close: (closedBy) => this.close(closedBy),
      askRestart: (step, cause) => {
        this.askRestart(step, cause);
      },
      delivered: (content) => {
        this.tell({ type: 'delivered', ...content });
      },
      background: (task) => this.background(task),
    });
  }

  /** Begins reading and sending; failures are retried in the background. */
  start(): void {
    if (this.stopped) {
      // Online again: the rights of the last connection are gone.
      this.stopped = false;
      this.mailbox = new OwnedMailbox(this.host, this);
      this.pump = this.makePump();
    }
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
    const backoff = new Backoff(this.host.context.pace);
    for (;;) {
      try {
        await this.secure();
        this.start();
        return;
      } catch (error) {
        if (this.stopped || hasCode(error, 'NET_CLOSED')) return;
        if (hasCode(error, 'NET_LINK_DEAD') || hasCode(error, 'NET_SUPERSEDED')) {
          await this.close(CLOSED_BY.used);
          return;
        }
        await pause(backoff.nextMs(), this.host.stopped);
      }
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.holeTimer);
    this.holeTimer = undefined;
    this.mailbox.stop();
    this.pump.stop();
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

  /** Adds the message of a file that is on the shelf; its content is queued once its spill is written. */
  async addFile(file: {
    contentId: Uint8Array;
    body: AttachmentBody;
    plan: SpillPlan;
    at: number;
  }): Promise<void> {
    const { contentId, body, plan, at } = file;
    await this.step(async (step) => {
      if (step.record.phase !== PHASES.open) throw new SottoError('CONVERSATION_CLOSED');
      const { timerSeconds } = step.record;
      const line = {
        ...blankLine('attachment', contentId, step.nowMs),
        mine: true,
        number: 1,
        delivery: DELIVERY.waiting,
        timerSeconds,
        expiresAt: timerSeconds === 0 ? 0 : step.nowMs + timerSeconds * 1_000,
        raw: encodeAttachment(body),
      };
      step.record = (await addLine(step.tx, step.owner, step.record, line)).record;
      const value = { phase: FILE_PHASES.sending, at, plan, blocks: 0 };
      await putFile(step.tx, step.owner, toHex(contentId), value);
    });
  }

  /** The spill is whole at the relay: its content may go. @returns false where its message is gone. */
  async announceFile(id: string, raw: Uint8Array, plan: SpillPlan): Promise<boolean> {
    const said = await this.step(async (step) => {
      const found = await findLine(step.tx, this.id, fromHex(id));
      if (found === undefined || found.line.retracted || step.record.phase !== PHASES.open) return false;
      const line = { ...found.line, raw };
      await putLine(step.tx, step.owner, found.position, line);
      await requeueLine(step, line);
      await fileSent(step.tx, step.owner, id, plan);
      return true;
    });
    if (said) this.wake();
    return said;
  }

  /** Changes what a file's line says about its bytes: they are here, or (`gone`) the line goes with them. */
  async changeFile(id: string, change: 'here' | 'gone'): Promise<number | undefined> {
    return this.step(async (step) => {
      const found = await findLine(step.tx, this.id, fromHex(id));
      if (found === undefined) return undefined;
      if (change === 'gone') {
        await removeLine(step.tx, step.owner, found);
        return found.position;
      }
      await putLine(step.tx, step.owner, found.position, { ...found.line, number: 1 });
      step.effects.push({ type: 'changed', position: found.position });
      return found.position;
    });
  }

  /** The right under which a spill for the peer is made; undefined: not now. */
  lend(): ReturnType<OutboxPump['lend']> {
    return this.pump.lend();
  }

  /**
   * The accepter's first act: makes the link's mailbox mine.
   * @throws SottoError NET_LINK_DEAD, NET_SUPERSEDED where someone else was first.
   */
  async secure(): Promise<void> {
    await this.pump.open();
  }

  /** Looks again whether there is something to send. */
  wake(): void {
    this.pump.wake();
  }

  /** Forgets the history at once, says goodbye, and forgets the rest once the relay has the goodbye. */
  async leave(): Promise<void> {
    await this.step(async (step) => {
      const { tx } = step;
      const path = conversationPath(this.host.personaId, this.id);
      await eraseFiles(tx, step.owner);
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
    await this.step(async (step) => {
      step.record = { ...step.record, phase: PHASES.closed, closedBy };
      await giveUpWaiting(step);
      step.effects.push({ type: 'closed' });
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
      if (step.record.phase === PHASES.closed || step.record.phase === PHASES.leaving) return;
      const at = { personaId: this.host.personaId, ownerId: this.id };
      const seen = await noteBlock(step.tx, at, step.record.own, block);
      if (seen.repeat) return;
      step.record = { ...step.record, own: seen.own };
      if (seen.wentBack) await notice(step, 'relay', 1);
      const message = openBlock(envelopeKeysOf(step.record), block.block);
      if (message === undefined) await this.unreadable(step);
      else await this.receiveMessage(step, message);
    });
    this.pump.peerSeen();
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

  // ── effects ──

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

  private react(effect: Effect): void {
    if (effect.type === 'holding') this.armHole();
    if (effect.type === 'moved') this.pump.moved();
    if (effect.type === 'answered' || effect.type === 'republish')
      void this.background(() => this.mailbox.refresh());
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
