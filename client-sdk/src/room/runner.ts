// One room on this device: its record and its group, which move together; everything that touches the group runs one
// after the other, every event is one transaction, and nothing leaves or is shown before it is durable. What is read is
// reading.ts and ordered.ts, what is written commits.ts and outbox.ts, what hosts do hosting.ts.
import { asKey, equalBytes, signingKeyPair, type SigningKeyPair, wipe } from '../crypto/index.ts';
import type { Host } from '../context.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { RelaySession } from '../net/index.ts';
import { SerialQueue } from '../store/queue.ts';
import type { Scene } from './act.ts';
import { Appends } from './appends.ts';
import { openCard, type SignedCard } from './card.ts';
import { Commits } from './commits.ts';
import type { House } from './conduct.ts';
import { encodeControl, type Control, ROOM_CONTROL_TYPE } from './control.ts';
import {
  decodeGroup,
  epoch,
  type GroupState,
  members,
  nextGeneration,
  roles,
  sealApp,
} from './group/index.ts';
import { dropPending, loadGroup, saveGroup } from './group-store.ts';
import { Ordered } from './ordered.ts';
import { RoomOutbox } from './outbox.ts';
import { Owning } from './owning.ts';
import type { SpillRef } from './packet.ts';
import { roomIdOf } from './pseudonym.ts';
import { Reading } from './reading.ts';
import { ALIVE, type PendingCommit, ROOM_PHASES, type RoomRecord, rooms } from './record.ts';
import { Returning } from './returning.ts';
import { enqueue } from './say.ts';
import { readSpilled } from './spills.ts';
import { type RoomEffect, roomPath, type RoomStep } from './step.ts';
import { WriterKeys } from './writer-keys.ts';

export class RoomRunner {
  readonly id: string;
  readonly host: Host;
  readonly tell: (effect: RoomEffect) => void;
  readonly reading: Reading;
  readonly ordered: Ordered;
  readonly returning: Returning;
  readonly appends: Appends;
  readonly commits: Commits;
  readonly owning: Owning;
  outbox: RoomOutbox;
  private readonly writerKeys: WriterKeys;
  private readonly queue = new SerialQueue();
  private latest: RoomRecord | undefined;
  private state: GroupState | undefined;
  private stopped = true;
  /** Made once: neither changes. */
  private cached: { pair: SigningKeyPair; roomId: Uint8Array } | undefined;
  private cardCache: SignedCard | undefined;

  constructor(host: Host, id: string, tell: (effect: RoomEffect) => void) {
    this.host = host;
    this.id = id;
    this.tell = tell;
    this.reading = new Reading(this);
    this.ordered = new Ordered(this);
    this.returning = new Returning(this);
    this.appends = new Appends(this);
    this.commits = new Commits(this.appends);
    this.owning = new Owning(this);
    this.writerKeys = new WriterKeys(this);
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
  /** In the room's queue, once what it follows from is durable. */
  setGroup(next: GroupState | undefined): void {
    this.state = next;
  }
  get isStopped(): boolean {
    return this.stopped;
  }
  get isAlive(): boolean {
    return !this.stopped && ALIVE.includes(this.record().phase);
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
    return this.reading.isCaughtUp;
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
    this.owning.begin();
    this.reading.open();
    this.background(() => this.commits.resume());
    if (rejoinWanted || phase === ROOM_PHASES.rejoining) this.returning.begin();
    this.outbox.wake();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.reading.close();
    this.outbox.stop();
    this.ordered.stop();
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

  // ── for its parts ──

  scene(): Scene {
    const { beaconAt, joinedAt, ordered } = this.record();
    // Others may have seen a host's sign before I came in: until I see one, what they say isn't held to its absence.
    const house = { ...this.house(), beaconAt: beaconAt === 0 ? joinedAt : beaconAt };
    return { roomId: this.roomId, house, me: this.me, ordered };
  }

  /** The relay had lost the log, and its owner made it anew. */
  revive(): void {
    this.writerKeys.revive();
    this.outbox.revive();
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
    this.reading.open();
    this.ordered.began(pending.appendId);
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
      isCaughtUp: () => this.isReading,
      background: (work: () => Promise<unknown>) => {
        this.background(work);
      },
      writerLost: () => {
        this.writerKeys.lost();
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

  private react(effect: RoomEffect): void {
    this.writerKeys.hear(effect);
    if (effect.type === 'rekeyed' || effect.type === 'switched') this.outbox.wake();
    if (effect.type === 'moved') this.host.moved();
    this.tell(effect);
  }
}
