// What hosts do: each act is a commit that every member checks, or a control that hosts alone may send, and leaves an
// entry in the host's signed log. Doors and private requests are parts of it. Who may commit what is group/'s concern.
import {
  asKey,
  boxKeyOfVerifyKey,
  equalBytes,
  randomKey,
  sealToBox,
  type SigningKeyPair,
} from '../crypto/index.ts';
import { eraseFiles } from '../attachment/record.ts';
import { SottoError } from '../errors.ts';
import { lines, linePositions, timedLines } from '../history/record.ts';
import { queuedContents, saidContents } from '../outbox/record.ts';
import { within } from '../persona/patience.ts';
import { type ActionWish, makeAction, noteAction } from './actions.ts';
import { removeEverythingFrom } from './act.ts';
import { signCard } from './card.ts';
import { encodeControl, encodePrivate, type Private, ROOM_CONTROL_TYPE } from './control.ts';
import { Doors } from './doors.ts';
import {
  type GroupState,
  banOf,
  members,
  type OrderPart,
  type Proposed,
  proposeOrder,
  proposeRemoval,
  proposeRoles,
  roles,
  signOrder,
  signRoles,
} from './group/index.ts';
import { type Hosting, roomKeyOf } from './hosting.ts';
import { preparedFrom } from './prepare.ts';
import { COMMIT_KINDS, ROOM_PHASES, roomParts } from './record.ts';
import type { RoomHost } from './rooms.ts';
import type { RoomRunner } from './runner.ts';
import { enqueue } from './say.ts';
import { roomPath, type RoomEffect } from './step.ts';
import { Talks } from './talks.ts';
import { type Door, DOORS, type RoomCardInput, type RoomMode, MODES } from './types.ts';

export class RoomAdministration {
  readonly doors: Doors;
  readonly talks: Talks;
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;
  private readonly hosting: Hosting;
  private started = false;

  constructor(host: RoomHost, runner: RoomRunner, hosting: Hosting) {
    this.host = host;
    this.runner = runner;
    this.hosting = hosting;
    this.doors = new Doors(host, runner, {
      say: (to, paper) => this.sayPrivately(to, paper),
      act: (wish) => this.log(wish),
    });
    this.talks = new Talks(host, runner, (to, paper) => this.sayPrivately(to, paper));
  }

  start(): void {
    this.started = true;
    this.doors.start();
  }

  stop(): void {
    this.started = false;
    this.doors.stop();
  }

  hear(effect: RoomEffect): void {
    if (effect.type === 'owner' && this.started) {
      this.doors.start();
      this.runner.background(() => this.doors.keepLog());
    }
    if (effect.type === 'state' && this.started) this.doors.refresh();
  }

  // ── members ──

  async remove(pseudonym: Uint8Array, ban: boolean): Promise<void> {
    this.needHost();
    const done = await this.commit(async (group) => {
      const leaves = members(group)
        .filter((one) => equalBytes(one.pseudonym, pseudonym))
        .map(({ leaf }) => leaf);
      if (!ban) return leaves.length === 0 ? undefined : proposeRemoval(group, { leaves });
      const { banned } = roles(group);
      const hash = banOf(pseudonym);
      const order = this.order(group, { banned: [...banned.filter((one) => !equalBytes(one, hash)), hash] });
      return leaves.length === 0 ? proposeOrder(group, order) : proposeRemoval(group, { leaves, order });
    });
    if (!done && !ban) throw new SottoError('ROOM_MEMBER');
    await this.log({ kind: ban ? 'ban' : 'remove', member: pseudonym });
  }

  async unban(pseudonym: Uint8Array): Promise<void> {
    const hash = banOf(pseudonym);
    await this.setOrder((now) => ({ banned: now.banned.filter((one) => !equalBytes(one, hash)) }));
    await this.log({ kind: 'unban', member: pseudonym });
  }

  async silence(pseudonym: Uint8Array, on: boolean): Promise<void> {
    await this.setOrder((now) => {
      const others = now.muted.filter((one) => !equalBytes(one, pseudonym));
      return { muted: on ? [...others, pseudonym] : others };
    });
    await this.log({ kind: on ? 'mute' : 'unmute', member: pseudonym });
  }

  async removeEverythingFrom(pseudonym: Uint8Array): Promise<void> {
    this.needHost();
    await this.runner.step((step) => removeEverythingFrom(step, pseudonym));
    await this.log({ kind: 'remove-everything', member: pseudonym });
  }

  // ── the house ──

  async setDoor(door: Door): Promise<void> {
    await this.setOrder(() => ({ door }));
    await this.log({ kind: 'door', number: DOORS.indexOf(door) });
    this.doors.refresh();
  }

  async setMode(mode: RoomMode, slowSeconds?: number): Promise<void> {
    await this.setOrder((now) => ({ mode, slowSeconds: slowSeconds ?? now.slowSeconds }));
    await this.log({ kind: 'mode', number: MODES.indexOf(mode) });
  }

  async pin(target: Uint8Array | undefined): Promise<void> {
    this.needHost();
    await this.runner.step((step) => {
      const { pinned: _, ...rest } = step.record;
      step.record = target === undefined ? rest : { ...rest, pinned: target };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    await this.log(target === undefined ? { kind: 'unpin' } : { kind: 'pin', target });
  }

  async setCard(change: Partial<RoomCardInput>): Promise<void> {
    const roomKey = this.needOwner();
    const { revision: old, ...now } = this.runner.card.card;
    const card = signCard({ ...now, ...change }, old + 1, roomKey);
    await this.commit(
      (group) => {
        const { hosts, revision } = roles(group);
        const { places } = card.card;
        const signed = signRoles({ hosts, places, cardHash: card.hash, revision: revision + 1 }, roomKey);
        return proposeRoles(group, signed);
      },
      { card: card.bytes },
    );
    await this.log({ kind: 'card', number: card.card.revision });
    this.doors.refresh();
  }

  // ── hosts ──

  async addHost(pseudonym: Uint8Array): Promise<void> {
    await this.setHosts(
      (hosts) => [...hosts.filter((one) => !equalBytes(one, pseudonym)), pseudonym],
      pseudonym,
    );
    await this.shareRights(pseudonym);
    await this.log({ kind: 'add-host', member: pseudonym });
  }

  /** The owner key goes with the role: whoever was a host can't change keys any more. */
  async removeHost(pseudonym: Uint8Array): Promise<void> {
    await this.setHosts((hosts) => hosts.filter((one) => !equalBytes(one, pseudonym)), pseudonym, {
      ownerSeed: randomKey('signing-seed'),
    });
    for (const other of roles(this.group()).hosts) {
      if (!equalBytes(other, this.runner.me.publicKey)) await this.shareRights(other);
    }
    await this.log({ kind: 'remove-host', member: pseudonym });
  }

  async handOver(pseudonym: Uint8Array): Promise<void> {
    this.needOwner();
    const { roomSeed } = this.runner.record();
    if (roomSeed === undefined) throw new SottoError('ROOM_NOT_HOST');
    if (!this.runner.isHostKey(pseudonym)) await this.addHost(pseudonym);
    await this.log({ kind: 'hand-over', member: pseudonym });
    const door = await this.doors.handOver();
    await this.sayPrivately(pseudonym, { handOver: { roomSeed, ...(door === undefined ? {} : { door }) } });
    await this.runner.step((step) => {
      const { roomSeed: _, ...rest } = step.record;
      step.record = rest;
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
  }

  private async setHosts(
    next: (hosts: readonly Uint8Array[]) => readonly Uint8Array[],
    pseudonym: Uint8Array,
    options: { ownerSeed?: Uint8Array } = {},
  ): Promise<void> {
    const roomKey = this.needOwner();
    const isMember = members(this.group()).some((one) => equalBytes(one.pseudonym, pseudonym));
    if (!isMember && !this.runner.isHostKey(pseudonym)) throw new SottoError('ROOM_MEMBER');
    await this.commit((group) => {
      const now = roles(group);
      const { cardHash, places, revision } = now;
      const hosts = next(now.hosts);
      const signed = signRoles({ hosts, places, cardHash, revision: revision + 1 }, roomKey);
      // What a host ordered who is none any more is ordered anew.
      const isOrphaned = !hosts.some((key) => equalBytes(key, now.orderedBy));
      return proposeRoles(group, signed, isOrphaned ? this.order(group, {}) : undefined);
    }, options);
  }

  private async shareRights(pseudonym: Uint8Array): Promise<void> {
    const { ownership, joinerSeed } = this.runner.record();
    if (ownership === undefined || joinerSeed === undefined) return;
    const { originSeed, ownerSeed, salt } = ownership;
    await this.sayPrivately(pseudonym, { owner: { originSeed, ownerSeed, salt, joinerSeed } });
  }

  // ── the door ──

  async admit(id: string): Promise<void> {
    this.needHost();
    await this.doors.answer(id, true);
  }

  async refuse(id: string): Promise<void> {
    this.needHost();
    await this.doors.answer(id, false);
  }

  // ── going ──

  async leave(): Promise<void> {
    await this.goodbye({ keepsHistory: false });
  }

  /** Tells the others, and whoever owns the room ends it. The history stays where the persona is only retired. */
  async goodbye(options: { keepsHistory: boolean }): Promise<void> {
    const { runner, host } = this;
    const { phase } = runner.record();
    const isIn = phase === ROOM_PHASES.in;
    await runner.step(async (step) => {
      if (!options.keepsHistory) {
        const base = roomPath(step.owner);
        await eraseFiles(step.tx, step.owner);
        for (const table of [lines, linePositions, timedLines, queuedContents, saidContents, roomParts])
          await step.tx.clear(table, runner.id);
        for (const name of step.tx.childKeys(base)) {
          if (name.startsWith('day/') || name.startsWith('timed/')) step.tx.eraseKey([...base, name]);
        }
      }
      if (isIn) await enqueue(step, { type: ROOM_CONTROL_TYPE, bytes: encodeControl({ left: true }) });
    });
    if (isIn) {
      runner.outbox.wake();
      await this.emptied(AbortSignal.timeout(host.context.pace.patienceMs / 4));
    }
    const isLast = runner.record().roomSeed !== undefined;
    if (isLast) {
      const deletion = this.doors.prepareDeletion();
      await within(host.context.pace.patienceMs / 4, deletion()).catch(() => undefined);
    }
    await runner.end(ROOM_PHASES.left);
    this.stop();
    if (!options.keepsHistory) await host.forgotten(runner.id);
  }

  private async emptied(over: AbortSignal): Promise<void> {
    while (!over.aborted && (await this.hasQueued())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private hasQueued(): Promise<boolean> {
    return this.host.context.vault.read(async (view) => {
      for await (const _ of queuedContents.scan(view, this.runner.id, { limit: 1 })) return true;
      return false;
    });
  }

  // ── inside ──

  private group(): GroupState {
    const group = this.runner.group();
    if (group === undefined) throw new SottoError('ROOM_CLOSED');
    return group;
  }

  private needHost(): void {
    if (!this.runner.isHost || this.runner.record().ownership === undefined)
      throw new SottoError('ROOM_NOT_HOST');
  }

  private needOwner(): SigningKeyPair {
    this.needHost();
    const pair = roomKeyOf(this.runner);
    if (pair === undefined) throw new SottoError('ROOM_NOT_HOST');
    return pair;
  }

  private order(group: GroupState, change: Partial<OrderPart>) {
    const { banned, muted, door, mode, slowSeconds, counter } = roles(group);
    const next = { banned, muted, door, mode, slowSeconds, ...change, counter: counter + 1 };
    return signOrder(next, this.runner.roomId, this.runner.me);
  }

  private async setOrder(change: (now: OrderPart) => Partial<OrderPart>): Promise<void> {
    this.needHost();
    await this.commit((group) => proposeOrder(group, this.order(group, change(roles(group)))));
  }

  private commit(
    make: (group: GroupState) => Promise<Proposed> | Promise<Proposed | undefined>,
    options: { card?: Uint8Array; ownerSeed?: Uint8Array } = {},
  ): Promise<boolean> {
    const { runner } = this;
    return runner.commits.run(() =>
      runner.exclusively(async () => {
        const group = this.group();
        const proposed = await make(group);
        if (proposed === undefined) return undefined;
        return preparedFrom(runner, group, proposed, { kind: COMMIT_KINDS.host, ...options });
      }),
    );
  }

  /** An entry in my log of actions, told to everyone. */
  private async log(wish: ActionWish): Promise<void> {
    const { runner } = this;
    await runner.step(async (step) => {
      const action = makeAction(step, runner.roomId, runner.me, wish);
      await noteAction(step, runner.me.publicKey, action);
      await enqueue(step, { type: ROOM_CONTROL_TYPE, bytes: encodeControl({ action }) });
    });
    runner.outbox.wake();
    await this.hosting.sign(true);
  }

  private async sayPrivately(to: Uint8Array, paper: Private): Promise<void> {
    const box = sealToBox(boxKeyOfVerifyKey(asKey('verify', to)), encodePrivate(paper));
    await this.runner.sayControl({ box });
  }
}

export function makeAdministration(host: RoomHost, runner: RoomRunner, hosting: Hosting): RoomAdministration {
  return new RoomAdministration(host, runner, hosting);
}
