// Drives one room: reads its log in order, hands messages to act.ts and ordered packets to transition.ts, keeps group
// and record together, and lets commits and outbox append. Everything that touches the group runs one after the other;
// every event is one transaction, and nothing leaves or is shown before it is durable. What hosts do is hosting.ts.
import { ORDERED_TTL_SECONDS } from '@sotto/wire';
import { asKey, equalBytes, signingKeyPair, type SigningKeyPair, toHex, wipe } from '../crypto/index.ts';
import { Backoff, type Host, pause } from '../context.ts';
import { hasCode, SottoError } from '../errors.ts';
import { findLine, putLine } from '../history/write.ts';
import { lines } from '../history/record.ts';
import type { ChannelReset, OwnerKeyChange, ReceivedBlock, RelaySession, RightStatus } from '../net/index.ts';
import { SerialQueue } from '../store/queue.ts';
import { receiveMessage, type Scene } from './act.ts';
import { blockKeyOf, openBlock } from './block.ts';
import { openCard, type SignedCard } from './card.ts';
import { type AppendRight, type CommitHome, Commits, isMine, type Prepared } from './commits.ts';
import type { House } from './conduct.ts';
import { plainCodec } from './control.ts';
import { encodeControl, type Control, ROOM_CONTROL_TYPE } from './control.ts';
import {
  applyCommit,
  decodeGroup,
  encodeGroup,
  epoch,
  type GroupState,
  joinExternally,
  members,
  messageEpoch,
  nextGeneration,
  openApp,
  roles,
  sealApp,
} from './group/index.ts';
import { CHECKPOINT_EVERY, consume, dropPending, loadGroup, loadPending, saveGroup } from './group-store.ts';
import { roomKeyHash } from './link.ts';
import { LogReader } from './log-reader.ts';
import { RoomOutbox, requeue } from './outbox.ts';
import { decodePacket, type Packet, PACKET_KINDS, type SpillRef } from './packet.ts';
import { roomIdOf } from './pseudonym.ts';
import {
  COMMIT_KINDS,
  ownAppends,
  type PendingCommit,
  ROOM_PHASES,
  type RoomRecord,
  rooms,
} from './record.ts';
import { enqueue } from './say.ts';
import { findState, whole } from './slot.ts';
import { readSpilled, writeSpilled } from './spills.ts';
import { type RoomEffect, roomNotice, roomPath, type RoomStep, showGap } from './step.ts';
import { type Transition, transit } from './transition.ts';

/** Messages in a row that don't open, after which this device takes itself for lost. */
const MAX_UNOPENED = 5;
/** Rejoins in vain make the next wait longer, up to so many doublings. */
const MAX_DOUBLINGS = 6;
const ALIVE: readonly number[] = [ROOM_PHASES.entering, ROOM_PHASES.in, ROOM_PHASES.rejoining];

export class RoomRunner implements CommitHome {
  readonly id: string;
  readonly host: Host;
  readonly commits: Commits;
  readonly tell: (effect: RoomEffect) => void;
  outbox: RoomOutbox;
  /** While coming in. */
  begin?: (pending: PendingCommit, sequence: number) => Promise<void>;
  private latest: RoomRecord | undefined;
  private state: GroupState | undefined;
  private readonly queue = new SerialQueue();
  private reader: LogReader | undefined;
  private caughtUp = false;
  private stopped = true;
  private sinceCheckpoint = 0;
  private readonly waitingSeen: { ordered: number; resolve: () => void; reject: (error: unknown) => void }[] =
    [];
  private readonly waitingApplied = new Map<
    string,
    { resolve: (applied: boolean) => void; reject: (e: unknown) => void }
  >();
  private comingBack = false;
  /** Writer keys that members told, newest last: one of them is right where the present one is refused. */
  private told: Uint8Array[] = [];
  private readonly deadSeeds = new Set<string>();
  /** Made once: neither changes. */
  private cached: { pair: SigningKeyPair; roomId: Uint8Array } | undefined;
  private cardCache: SignedCard | undefined;

  constructor(host: Host, id: string, tell: (effect: RoomEffect) => void) {
    this.host = host;
    this.id = id;
    this.tell = tell;
    this.commits = new Commits(this);
    this.outbox = this.makeOutbox();
  }

  // ── what it is ──

  record(): RoomRecord {
    if (this.latest === undefined) throw new SottoError('ROOM_GONE');
    return this.latest;
  }
  group(): GroupState | undefined {
    return this.state;
  }
  get me(): SigningKeyPair {
    return this.once().pair;
  }
  get roomId(): Uint8Array {
    return this.once().roomId;
  }
  get card(): SignedCard {
    const { card, roomKey } = this.record();
    if (this.cardCache === undefined || !equalBytes(this.cardCache.bytes, card))
      this.cardCache = openCard(card, { roomKey });
    return this.cardCache;
  }
  get isReading(): boolean {
    return this.caughtUp;
  }
  get isHost(): boolean {
    return this.isHostKey(this.me.publicKey);
  }
  isHostKey(pseudonym: Uint8Array): boolean {
    return this.state !== undefined && roles(this.state).hosts.some((key) => equalBytes(key, pseudonym));
  }
  isMutedKey(pseudonym: Uint8Array): boolean {
    return this.state !== undefined && roles(this.state).muted.some((key) => equalBytes(key, pseudonym));
  }
  /** What conduct is judged by. */
  house(): House {
    const { card } = this.card;
    const now = this.state === undefined ? undefined : roles(this.state);
    return {
      card,
      mode: now?.mode ?? 'open',
      slowSeconds: now?.slowSeconds ?? 0,
      beaconAt: this.record().beaconAt,
    };
  }

  private once(): { pair: SigningKeyPair; roomId: Uint8Array } {
    const { pseudonymSeed, roomKey } = this.record();
    this.cached ??= {
      pair: signingKeyPair(asKey('signing-seed', pseudonymSeed)),
      roomId: roomIdOf(roomKey),
    };
    return this.cached;
  }

  // ── life ──

  /** Reads what is stored; call it before anything else. */
  async load(): Promise<void> {
    if (this.latest !== undefined) return;
    await this.exclusively(async () => {
      const { vault } = this.host.context;
      const record = await vault.transact((tx) => rooms.get(tx, this.host.personaId, this.id));
      if (record === undefined) throw new SottoError('ROOM_GONE');
      const group = await vault.transact((tx) => loadGroup(tx, this.id));
      this.latest = record;
      this.state = group === undefined ? undefined : await this.pastGenerations(group, record);
    });
  }

  /** The stored state may be older than what was sent: its generations up to the noted one are spent unused. */
  private async pastGenerations(group: GroupState, record: RoomRecord): Promise<GroupState> {
    if (epoch(group) !== record.epoch || record.outSequence === 0) return group;
    let state = group;
    while (nextGeneration(state) <= record.generation) {
      const { next, spent } = await sealApp(state, new Uint8Array(0));
      wipe(...spent);
      state = next;
    }
    return state;
  }

  /** Begins reading and sending; failures are retried in the background. */
  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.outbox = this.makeOutbox();
    const { phase, rejoinWanted } = this.record();
    if (!ALIVE.includes(phase)) return;
    this.openReader();
    this.background(() => this.commits.resume());
    if (rejoinWanted || phase === ROOM_PHASES.rejoining) this.comeBack();
    this.outbox.wake();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.caughtUp = false;
    this.reader?.close();
    this.reader = undefined;
    this.outbox.stop();
    const error = new SottoError('NET_CLOSED');
    for (const { reject } of this.waitingSeen.splice(0)) reject(error);
    for (const { reject } of this.waitingApplied.values()) reject(error);
    this.waitingApplied.clear();
  }

  exclusively<R>(work: () => Promise<R>): Promise<R> {
    return this.queue.run(work);
  }

  /** One event: lets `work` change the record, writes it, and tells the effects once all is durable. */
  async step<R>(work: (step: RoomStep) => Promise<R>, settled: () => void = () => undefined): Promise<R> {
    const { context, personaId } = this.host;
    let written: RoomRecord | undefined;
    const effects: RoomEffect[] = [];
    const result = await context.vault.transact(async (tx) => {
      const before = await rooms.get(tx, personaId, this.id);
      if (before === undefined) throw new SottoError('ROOM_GONE');
      effects.length = 0;
      const owner = { personaId, conversationId: this.id };
      const step: RoomStep = { tx, owner, nowMs: context.now(), record: before, effects };
      const outcome = await work(step);
      written = step.record;
      if (step.record !== before) {
        await rooms.put(
          tx,
          { partition: personaId, key: this.id, value: step.record },
          { under: roomPath(owner) },
        );
      }
      return outcome;
    });
    this.latest = written ?? this.latest;
    settled();
    for (const effect of effects) this.react(effect);
    return result;
  }

  background(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      if (!this.stopped && !this.host.stopped.aborted && !hasCode(error, 'NET_CLOSED'))
        this.host.trouble(error);
    });
  }

  session(): RelaySession {
    const { relay, relayKey } = this.record();
    return this.host.session({ relay, relayKey }, this.id);
  }

  /** Queues a control for everyone. */
  async sayControl(control: Partial<Control>): Promise<void> {
    await this.step((step) => enqueue(step, { type: ROOM_CONTROL_TYPE, bytes: encodeControl(control) }));
    this.outbox.wake();
  }

  // ── reading ──

  private openReader(): void {
    const record = this.record();
    const { readId, readerSeed, incarnation } = record;
    if (this.stopped || readId === undefined || readerSeed === undefined || incarnation === undefined) return;
    this.reader?.close();
    this.caughtUp = false;
    const reader = new LogReader(
      {
        session: this.session(),
        receive: (block) => this.receive(block),
        reset: (reset) => {
          this.background(() => this.onReset(reset));
        },
        caughtUp: () => {
          this.caughtUp = true;
          this.outbox.wake();
          this.tell({ type: 'flow', asked: false });
        },
        lost: (status) => {
          if (this.reader === reader) this.background(() => this.onLost(status, readerSeed));
        },
      },
      { ...record, readId, readerSeed },
    );
    this.reader = reader;
  }

  private async onReset(reset: ChannelReset): Promise<void> {
    await this.exclusively(() =>
      this.step(async (step) => {
        const { incarnation, cause } = reset;
        if (cause === 'expired') {
          await showGap(step, 1);
          return;
        }
        const cursor = cause === 'new-store' ? 0 : reset.head;
        const ordered = cause === 'new-store' ? 0 : Math.min(step.record.ordered, reset.head);
        step.record = { ...step.record, incarnation, cursor, ordered };
        await roomNotice(step, 'relay');
      }),
    );
  }

  private async onLost(status: RightStatus, seed: Uint8Array): Promise<void> {
    const record = this.record();
    if (status.reason !== undefined || hasCode(status.error, 'NET_BLOCKED')) {
      await this.end(ROOM_PHASES.closed);
      return;
    }
    if (status.state === 'stuck') {
      this.host.trouble(status.error);
      await pause(this.host.context.pace.retryMaxMs, this.host.stopped);
      this.reader?.retry();
      return;
    }
    // Replaced by a removal that was read: the new reader is on its way already.
    if (record.readerSeed !== undefined && !equalBytes(record.readerSeed, seed)) return;
    this.tell({ type: 'owner' });
    const backoff = new Backoff(this.host.context.pace);
    await pause(backoff.nextMs(), this.host.stopped);
    if (this.reader !== undefined) this.openReader();
  }

  private async receive(block: ReceivedBlock): Promise<void> {
    await this.exclusively(async () => {
      const { incarnation, cursor } = this.record();
      const isKnown = incarnation !== undefined && equalBytes(incarnation, block.incarnation);
      if (!this.isAlive || (isKnown && block.sequence <= cursor)) return;
      if (block.ordered) await this.receiveOrdered(block);
      else await this.receiveMessage(block);
    });
  }

  private open(block: Uint8Array): Packet | undefined {
    const { roomSecret } = this.record();
    if (roomSecret === undefined) return undefined;
    const encoded = openBlock(blockKeyOf(roomSecret), block);
    return encoded === undefined ? undefined : decodePacket(encoded);
  }

  private async receiveMessage(block: ReceivedBlock): Promise<void> {
    const mine = await this.host.context.vault.read((view) =>
      ownAppends.get(view, this.id, toHex(block.appendId)),
    );
    if (mine !== undefined) {
      await this.step(async (step) => {
        ownAppends.del(step.tx, this.id, toHex(block.appendId));
        advance(step, block);
        if (mine.last && mine.shown) await moveToEnd(step, mine.contentId);
      });
      return;
    }
    const packet = this.open(block.block);
    const { state } = this;
    const message = packet?.kind === PACKET_KINDS.message ? packet.message : undefined;
    if (message === undefined || state === undefined || this.record().rejoinWanted) {
      await this.unreadable(block, message !== undefined);
      return;
    }
    let opened: Awaited<ReturnType<typeof openApp>>;
    let plain;
    try {
      opened = await openApp(state, message);
      plain = plainCodec.decode(opened.plaintext);
    } catch {
      // Sealed before I came in, and overtaken by my coming: it was never for me.
      const isOlder = (messageEpoch(message) ?? Infinity) < this.record().since;
      await (isOlder
        ? this.step((step) => passBy(step, block))
        : this.unreadable(block, true, isAhead(message, state)));
      return;
    }
    const { sender, epoch: at, generation, next } = opened;
    const isCheckpoint = ++this.sinceCheckpoint >= CHECKPOINT_EVERY;
    await this.step(async (step) => {
      advance(step, block);
      step.record = { ...step.record, unopened: 0, rejoins: 0 };
      if (isCheckpoint) await saveGroup(step, next);
      if (!(await consume(step, { epoch: at, leaf: sender.leaf, generation }))) return;
      await receiveMessage(step, this.scene(), {
        plain,
        pseudonym: sender.pseudonym,
        isHost: this.isHostKey(sender.pseudonym),
        isMuted: this.isMutedKey(sender.pseudonym),
        epoch: at,
        keptUntil: block.keptUntil,
      });
      // A member's message of this epoch opened: the state that was entered by is the real one.
      if (step.record.phase === ROOM_PHASES.entering && step.record.writerSeed !== undefined) {
        step.record = { ...step.record, phase: ROOM_PHASES.in };
        step.effects.push({ type: 'state' }, { type: 'entered' });
      }
    });
    if (isCheckpoint) this.sinceCheckpoint = 0;
    this.state = next;
    wipe(...opened.spent);
  }

  scene(): Scene {
    return { roomId: this.roomId, house: this.house(), me: this.me, ordered: this.record().ordered };
  }

  /** @param isAhead - it says that it is of an epoch that I haven't reached: the others may have gone on without me. */
  private async unreadable(block: ReceivedBlock, shown: boolean, isAhead = false): Promise<void> {
    const { now, pace } = this.host.context;
    const lost = await this.step(async (step) => {
      advance(step, block);
      step.record = {
        ...step.record,
        unreadable: step.record.unreadable + 1,
        unopened: step.record.unopened + (isAhead ? 1 : 0),
      };
      if (shown) await showGap(step, 1);
      const { unopened, rejoins, rejoinAt, phase } = step.record;
      const wait = pace.rejoinMs * 2 ** Math.min(rejoins, MAX_DOUBLINGS);
      return phase === ROOM_PHASES.in && unopened >= MAX_UNOPENED && now() >= rejoinAt + wait;
    });
    if (lost) await this.loseThread();
  }

  private async receiveOrdered(block: ReceivedBlock): Promise<void> {
    const pending = await this.pending();
    const before = this.state;
    if (isMine(pending, block.appendId)) {
      const next = pending.next === undefined ? undefined : await decodeGroup(pending.next);
      await this.transition(block, { before, next, pending });
      return;
    }
    const head = this.open(block.block);
    if (head?.kind === PACKET_KINDS.state) {
      await this.transition(block, { before, isRepair: true });
      this.tell({ type: 'packet', head, sequence: block.sequence });
      return;
    }
    const commit = head?.kind === PACKET_KINDS.commit ? await this.commitOf(head) : undefined;
    if (commit === undefined || head === undefined || before === undefined || this.record().rejoinWanted) {
      await this.transition(block, { before, isVoid: !this.record().rejoinWanted && commit === undefined });
      return;
    }
    if (commit === 'unreachable') {
      await this.transition(block, { before, cannotOpen: true });
      return;
    }
    const verdict = await applyCommit(before, commit, takenAt(block));
    switch (verdict.kind) {
      case 'void':
        await this.transition(block, { before, isVoid: true });
        return;
      case 'cannot-open':
        await this.transition(block, { before, cannotOpen: true });
        return;
      case 'applied':
        // My own commit, which I don't know any more: what it leads to is lost to me.
        if (equalBytes(verdict.committer, this.me.publicKey) && verdict.returned.length === 0) {
          await this.transition(block, { before, cannotOpen: true });
          return;
        }
        await this.transition(block, {
          before,
          next: verdict.next,
          verdict,
          ...(await this.cardOf(head, before, verdict.next)),
        });
        wipe(...verdict.spent);
        this.tell({ type: 'packet', head, sequence: block.sequence });
    }
  }

  private async commitOf(head: Packet): Promise<Uint8Array | 'unreachable' | undefined> {
    if (head.commit !== undefined) return head.commit;
    if (head.rest === undefined) return undefined;
    const packet = await whole({ readRest: (ref) => this.readRest(ref) }, head);
    return packet === undefined ? 'unreachable' : packet.commit;
  }

  private async cardOf(head: Packet, before: GroupState, next: GroupState): Promise<{ card?: Uint8Array }> {
    if (equalBytes(roles(before).cardHash, roles(next).cardHash)) return {};
    const card = head.card ?? (await whole({ readRest: (ref) => this.readRest(ref) }, head))?.card;
    return card === undefined ? {} : { card };
  }

  /** Writes what an ordered packet changed, and wakes whoever waits for it. */
  private async transition(block: ReceivedBlock, change: Omit<Transition, 'isLive'>): Promise<void> {
    const outcome = await this.step(
      async (step) => {
        advance(step, block);
        if ((await loadPending(step.tx, this.id)) !== undefined) dropPending(step);
        return transit(step, { ...change, isLive: this.caughtUp }, block, this.me);
      },
      () => {
        this.settle(change.next);
      },
    );
    for (const [key, waiting] of [...this.waitingApplied]) {
      this.waitingApplied.delete(key);
      waiting.resolve(key === toHex(block.appendId));
    }
    for (const waiting of this.waitingSeen.splice(0)) {
      if (waiting.ordered <= block.sequence) waiting.resolve();
      else this.waitingSeen.push(waiting);
    }
    if (outcome.rekeyed) {
      setTimeout(() => {
        this.openReader();
        this.outbox.wake();
      }, 0);
    }
    if (change.cannotOpen === true) await this.loseThread();
    else this.outbox.wake();
  }

  /** Durable: the group is now what the packet made of it. */
  private settle(next: GroupState | undefined): void {
    if (this.record().phase === ROOM_PHASES.removed) {
      this.state = undefined;
      setTimeout(() => {
        this.stop();
      }, 0);
    } else if (next !== undefined) {
      this.state = next;
      this.sinceCheckpoint = 0;
    }
  }

  // ── coming back ──

  /** This device's state of the group is no use any more: comes back by an external commit, visibly. */
  async loseThread(): Promise<void> {
    await this.step((step) => {
      if (!ALIVE.includes(step.record.phase)) return Promise.resolve();
      step.record = { ...step.record, rejoinWanted: true, phase: ROOM_PHASES.rejoining };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    this.comeBack();
  }

  private comeBack(): void {
    if (this.comingBack || this.stopped) return;
    this.comingBack = true;
    this.background(async () => {
      const backoff = new Backoff(this.host.context.pace);
      try {
        while (this.record().rejoinWanted && this.isAlive) {
          const { now, pace } = this.host.context;
          const { rejoinAt, rejoins } = this.record();
          const wait = rejoinAt + pace.rejoinMs * 2 ** Math.min(rejoins, MAX_DOUBLINGS) - now();
          if (rejoinAt > 0 && wait > 0) await pause(wait, this.host.stopped);
          try {
            await this.commits.run(() => this.prepareReturn());
          } catch (error) {
            if (hasCode(error, 'NET_CLOSED') || this.host.stopped.aborted) throw error;
            await pause(backoff.nextMs(), this.host.stopped);
          }
        }
      } finally {
        this.comingBack = false;
      }
    });
  }

  private get isAlive(): boolean {
    return !this.stopped && ALIVE.includes(this.record().phase);
  }

  private async prepareReturn(): Promise<Prepared | undefined> {
    const record = this.record();
    const { reader } = this;
    if (!record.rejoinWanted || record.roomSecret === undefined || reader === undefined) return undefined;
    const source = {
      readSlot: (back: number) => reader.readSlot(back),
      readRest: (ref: SpillRef) => this.readRest(ref),
    };
    const good = await findState(source, blockKeyOf(record.roomSecret), roomKeyHash(record.roomKey));
    await this.seen(good.expect);
    const proposed = await joinExternally({ state: good.state, pseudonym: this.me, ...ticketOf(record) });
    await this.step((step) => {
      step.record = { ...step.record, rejoinAt: step.nowMs, rejoins: step.record.rejoins + 1 };
      return Promise.resolve();
    });
    return {
      kind: COMMIT_KINDS.rejoin,
      expect: good.expect,
      commit: proposed.commit,
      next: encodeGroup(proposed.next),
      state: proposed.publicState,
      card: good.card.bytes,
      right: this.outbox.right() === undefined ? 'joiner' : 'writer',
      spent: proposed.spent,
      ...(good.access === undefined ? {} : { access: good.access }),
    };
  }

  // ── committing ──

  pending(): Promise<PendingCommit | undefined> {
    return this.host.context.vault.transact((tx) => loadPending(tx, this.id));
  }

  applied(appendId: Uint8Array): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.waitingApplied.set(toHex(appendId), { resolve, reject });
    });
  }

  async landed({ appendId, expect }: PendingCommit): Promise<boolean | undefined> {
    try {
      for (const back of [0, 1, 2]) {
        const slot = await this.reader?.readSlot(back);
        if (slot === undefined) return undefined;
        if (equalBytes(slot.appendId, appendId)) return true;
        if (slot.sequence <= expect) return false;
      }
    } catch {
      // Nor can this right: the log will tell.
    }
    return undefined;
  }

  pause(tries: number): Promise<void> {
    const { retryMs, retryMaxMs } = this.host.context.pace;
    const ms = Math.min(retryMaxMs, retryMs * 2 ** tries) * (0.5 + Math.random());
    return pause(ms, this.host.stopped);
  }

  seen(ordered: number): Promise<void> {
    if (this.record().ordered >= ordered) return Promise.resolve();
    if (this.stopped) return Promise.reject(new SottoError('NET_CLOSED'));
    return new Promise((resolve, reject) => {
      this.waitingSeen.push({ ordered, resolve, reject });
    });
  }

  async append(
    right: AppendRight,
    input: { appendId: Uint8Array; block: Uint8Array; commitment: Uint8Array; expect: number },
    change: OwnerKeyChange | undefined,
  ): Promise<{ sequence: number }> {
    const { expect, ...rest } = input;
    const record = this.record();
    if (right === 'owner') {
      if (record.ownership === undefined || record.readId === undefined)
        throw new SottoError('ROOM_NOT_HOST');
      const owner = this.session().owner({
        readId: record.readId,
        keySeed: asKey('signing-seed', record.ownership.ownerSeed),
      });
      try {
        return await owner.orderedAppend({ ...rest, expect, ...(change === undefined ? {} : { change }) });
      } finally {
        owner.release();
      }
    }
    if (right === 'writer') {
      const writer = this.outbox.right();
      if (writer === undefined) throw new SottoError('ROOM_ENTERING', { retry: 'later' });
      return writer.append({ ...rest, ordered: { expect } });
    }
    const joiner = this.joiner();
    try {
      return await joiner.append({ ...rest, ordered: { expect } });
    } finally {
      joiner.release();
    }
  }

  private joiner() {
    const { joinerSeed, writeId } = this.record();
    if (joinerSeed === undefined) throw new SottoError('ROOM_DOOR');
    return this.session().writer({ writeId, keySeed: asKey('signing-seed', joinerSeed), right: 'joiner' });
  }

  async writeRest(bytes: Uint8Array, right: AppendRight): Promise<SpillRef> {
    const writer = right === 'joiner' ? undefined : this.outbox.right();
    if (writer !== undefined) return writeSpilled(this.session(), bytes, writer);
    const joiner = this.joiner();
    try {
      return await writeSpilled(this.session(), bytes, joiner);
    } finally {
      joiner.release();
    }
  }

  readRest(ref: SpillRef): Promise<Uint8Array> {
    return readSpilled(this.session(), ref);
  }

  /** What an ordered packet tells newcomers of an open room. */
  accessNow(state: GroupState): { access?: { readId: Uint8Array; readerSeed: Uint8Array } } {
    const { readId, readerSeed } = this.record();
    if (roles(state).door !== 'open' || readId === undefined || readerSeed === undefined) return {};
    return { access: { readId, readerSeed } };
  }

  /** Over for this device: nothing is read or sent any more, the history stays. */
  async end(phase: number): Promise<void> {
    await this.step((step) => {
      step.record = { ...step.record, phase };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    this.stop();
  }

  memberCount(): number {
    return this.state === undefined ? 0 : members(this.state).length;
  }

  /** My way in was accepted: the room begins here for me. */
  async begins(
    pending: PendingCommit,
    sequence: number,
    access: { incarnation: Uint8Array; readId: Uint8Array | undefined; readerSeed: Uint8Array | undefined },
  ): Promise<void> {
    const { next } = pending;
    const { incarnation, readId, readerSeed } = access;
    if (next === undefined || readId === undefined || readerSeed === undefined)
      throw new SottoError('ROOM_GONE');
    const group = await decodeGroup(next);
    await this.exclusively(async () => {
      await this.step(async (step) => {
        dropPending(step);
        step.record = {
          ...step.record,
          phase: ROOM_PHASES.entering,
          incarnation,
          readId,
          readerSeed,
          cursor: sequence,
          ordered: sequence,
          joinedAt: step.nowMs,
          since: epoch(group),
          ...(pending.card === undefined ? {} : { card: pending.card }),
        };
        await saveGroup(step, group);
        step.effects.push({ type: 'state' });
      });
      this.state = group;
    });
    this.openReader();
    const key = toHex(pending.appendId);
    this.waitingApplied.get(key)?.resolve(true);
    this.waitingApplied.delete(key);
  }

  /** The group that I have just made. */
  async found(group: GroupState): Promise<void> {
    await this.exclusively(async () => {
      await this.step((step) => saveGroup(step, group));
      this.state = group;
    });
  }

  private makeOutbox(): RoomOutbox {
    const home = {
      id: this.id,
      record: () => this.record(),
      group: () => this.state,
      setGroup: (next: GroupState) => {
        this.state = next;
      },
      exclusively: <R>(work: () => Promise<R>) => this.exclusively(work),
      step: <R>(work: (step: RoomStep) => Promise<R>) => this.step(work),
      session: () => this.session(),
      isCaughtUp: () => this.caughtUp,
      background: (work: () => Promise<unknown>) => {
        this.background(work);
      },
      writerLost: () => {
        this.writerLost();
      },
    };
    const roomId = (): Uint8Array => this.roomId;
    return new RoomOutbox({
      ...home,
      get roomId() {
        return roomId();
      },
    });
  }

  /** The relay takes no message under the key that I have: a removal changed it, or somebody told me a wrong one. */
  private writerLost(): void {
    const { writerSeed } = this.record();
    if (writerSeed !== undefined) this.deadSeeds.add(toHex(writerSeed));
    this.background(async () => {
      // The removal itself may still be on its way here, and with it the key that holds now.
      await pause(this.host.context.pace.greetLateMs, this.host.stopped);
      const slot = await this.reader?.readSlot(0).catch(() => undefined);
      if (slot !== undefined) await this.seen(slot.sequence);
      const now = this.record().writerSeed;
      if (!this.isAlive || (now !== undefined && !this.deadSeeds.has(toHex(now)))) return;
      const other = this.told.find((seed) => !this.deadSeeds.has(toHex(seed)));
      await this.exclusively(() =>
        this.step((step) => {
          if (!ALIVE.includes(step.record.phase)) return Promise.resolve();
          const { writerSeed: _, ...rest } = step.record;
          step.record = other === undefined ? rest : { ...rest, writerSeed: other };
          step.effects.push({ type: 'state' });
          return requeue(step);
        }),
      );
      if (other === undefined) await this.loseThread();
      else this.outbox.wake();
    });
  }

  private react(effect: RoomEffect): void {
    if (effect.type === 'greeted') this.told = [...this.told.slice(-7), effect.writerSeed];
    if (effect.type === 'switched') this.told = [];
    if (effect.type === 'rekeyed' || effect.type === 'switched') this.outbox.wake();
    if (effect.type === 'moved') this.host.moved();
    this.tell(effect);
  }
}

/** The relay tells until when it keeps an ordered packet, rounded up: from that follows, for all alike, when it took it. */
function takenAt(block: ReceivedBlock): number {
  return Math.max(0, block.keptUntil - ORDERED_TTL_SECONDS) * 1_000;
}

function ticketOf(record: RoomRecord): { ticket?: Uint8Array } {
  return record.ticket === undefined ? {} : { ticket: record.ticket };
}

/** The block was dealt with: in the same transaction as whatever it did. */
function advance(step: RoomStep, block: ReceivedBlock): void {
  step.record = { ...step.record, incarnation: block.incarnation, cursor: block.sequence };
}

function isAhead(message: Uint8Array, state: GroupState): boolean {
  return (messageEpoch(message) ?? 0) > epoch(state);
}

function passBy(step: RoomStep, block: ReceivedBlock): Promise<void> {
  advance(step, block);
  return Promise.resolve();
}

/** My own words stand where the log has them, so that all see one order. */
async function moveToEnd(step: RoomStep, id: Uint8Array): Promise<void> {
  const found = await findLine(step.tx, step.owner.conversationId, id);
  if (found === undefined || found.position === step.record.nextPosition) return;
  const position = step.record.nextPosition + 1;
  lines.del(step.tx, step.owner.conversationId, found.position);
  await putLine(step.tx, step.owner, position, found.line);
  step.record = { ...step.record, nextPosition: position };
  step.effects.push({ type: 'changed', position });
}
