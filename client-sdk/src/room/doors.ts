// The doors of a room at its owner: a mailbox for knocks whose slot shows the card, and one for each link that lets one
// person in. Knocks wait here until a host answers; co-hosts get a copy, and may answer as well. Also keeps the log
// itself alive after a relay lost its store. What a newcomer does at the other side is knocking.ts.
import {
  asKey,
  boxPublicKey,
  boxKeyPair,
  equalBytes,
  fromHex,
  randomBytes,
  signingKeyPair,
  toHex,
} from '../crypto/index.ts';
import { newOwnMailbox, type OwnMailbox } from '../conversation/mailbox.ts';
import { type MailboxHome, OwnedMailbox } from '../conversation/owned-mailbox.ts';
import { noteBlock } from '../conversation/seen.ts';
import { pause } from '../context.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { ReceivedBlock } from '../net/index.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import type { ActionWish } from './actions.ts';
import type { Private } from './control.ts';
import { isBanned, members, roles, signTicket } from './group/index.ts';
import { roomKeyOf } from './hosting.ts';
import { makeDoorSign, openKnock, sealAnswer } from './knock.ts';
import { doorLink, openLink } from './link.ts';
import { memberIdOf } from './pseudonym.ts';
import { noteKnock } from './private.ts';
import { type DoorRow, doorRows, knockRows } from './record.ts';
import { prepareRepair } from './repair.ts';
import type { RoomHost } from './rooms.ts';
import type { RoomRunner } from './runner.ts';
import { roomNotice, roomPath } from './step.ts';
import type { Knock } from './types.ts';

/** An admission must be used within so long. */
const TICKET_SECONDS = 7 * 86_400;
/** Knocks that wait at most: whoever has the link can write there. */
const MAX_KNOCKS = 200;

export interface DoorVoice {
  say(to: Uint8Array, paper: Private): Promise<void>;
  act(wish: ActionWish): Promise<void>;
}

export class Doors {
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;
  private readonly voice: DoorVoice;
  private readonly open = new Map<string, DoorKeeper>();
  private running = false;
  private shown = '';

  constructor(host: RoomHost, runner: RoomRunner, voice: DoorVoice) {
    this.host = host;
    this.runner = runner;
    this.voice = voice;
  }

  start(): void {
    if (this.runner.record().roomSeed === undefined) return;
    this.running = true;
    this.runner.background(async () => {
      for (const id of await this.ids(false)) await this.keep(id);
      // Used, and stopped before the relay had heard of it.
      for (const id of await this.ids(true)) await this.close(id);
      for (const { id } of (await this.knocks()).slice(0, MAX_KNOCKS)) await this.decide(id);
    });
  }

  stop(): void {
    this.running = false;
    for (const keeper of this.open.values()) keeper.stop();
    this.open.clear();
  }

  /** The card or the door may have changed: the signs follow. */
  refresh(): void {
    const { card } = this.runner.record();
    const shown = toHex(card.subarray(-16));
    if (!this.running || shown === this.shown) return;
    const isFirst = this.shown === '';
    this.shown = shown;
    if (!isFirst) for (const keeper of this.open.values()) this.runner.background(() => keeper.republish());
  }

  private async ids(used: boolean): Promise<string[]> {
    const found: string[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of doorRows.scan(view, this.runner.id))
        if (value.used === used) found.push(key);
    });
    return found;
  }

  private async keep(id: string): Promise<DoorKeeper> {
    const known = this.open.get(id);
    if (known !== undefined) return known;
    const keeper = new DoorKeeper(this.host, this.runner, id, (knock) => this.decide(knock));
    this.open.set(id, keeper);
    await keeper.start();
    return keeper;
  }

  // ── links ──

  async link(): Promise<string> {
    const { runner } = this;
    const group = runner.group();
    const record = runner.record();
    const { relay, relayKey, writeId, joinerSeed, roomSecret, roomKey } = record;
    if (group === undefined || roomSecret === undefined) throw new SottoError('ROOM_CLOSED');
    const { door } = roles(group);
    if (door === 'open' && joinerSeed !== undefined) {
      const pin = { relay, relayKey };
      return openLink({ pin, writeId, joinerSeed, roomSecret, roomKey, origin: this.host.origin(relay) });
    }
    if (door !== 'knock') throw new SottoError('ROOM_DOOR');
    if (record.roomSeed === undefined) {
      if (record.link === '') throw new SottoError('ROOM_NOT_HOST');
      return record.link;
    }
    const standing = await this.standing();
    return standing ?? (await this.make(false)).link;
  }

  async invite(): Promise<{ link: string; revoke(): Promise<void> }> {
    if (this.runner.record().roomSeed === undefined) throw new SottoError('ROOM_NOT_HOST');
    const { id, link } = await this.make(true);
    return { link, revoke: () => this.close(id) };
  }

  private async standing(): Promise<string | undefined> {
    let found: string | undefined;
    await this.host.context.vault.read(async (view) => {
      for await (const { value } of doorRows.scan(view, this.runner.id)) {
        if (!value.once) found = value.link === '' ? this.linkOf(value) : value.link;
      }
    });
    return found;
  }

  private async make(once: boolean): Promise<{ id: string; link: string }> {
    const { relay, relayKey } = this.runner.record();
    const own = newOwnMailbox({ relay, relayKey }, true);
    const secret = randomBytes(32);
    const link = this.linkOf({ own, secret });
    const id = toHex(randomBytes(16));
    await this.runner.step((step) => {
      const boxSecret = boxKeyPair().secretKey;
      const value: DoorRow = { own, secret, boxSecret, once, used: false, link, createdAt: step.nowMs };
      const entry = { partition: this.runner.id, key: id, value };
      return doorRows.put(step.tx, entry, { under: roomPath(step.owner) });
    });
    await this.keep(id);
    return { id, link };
  }

  private linkOf({ own, secret }: Pick<DoorRow, 'own' | 'secret'>): string {
    const { relay, relayKey, writeId, writerSeed } = own;
    const { roomKey } = this.runner.record();
    const origin = this.host.origin(relay);
    return doorLink({ pin: { relay, relayKey }, writeId, writerSeed, secret, roomKey, origin });
  }

  private async close(id: string): Promise<void> {
    const keeper = await this.keep(id);
    this.open.delete(id);
    await keeper.delete();
    await this.runner.step((step) => {
      doorRows.del(step.tx, this.runner.id, id);
      return Promise.resolve();
    });
  }

  /** The standing door's keys, for whoever takes the room over; it is no longer kept here. */
  async handOver(): Promise<NonNullable<NonNullable<Private['handOver']>['door']> | undefined> {
    this.stop();
    return this.host.context.vault.read(async (view) => {
      for await (const { value } of doorRows.scan(view, this.runner.id)) {
        if (value.once) continue;
        const { originSeed, ownerSeed, readerSeed, writerSeed, salt } = value.own;
        const { secret, boxSecret } = value;
        return { originSeed, ownerSeed, readerSeed, writerSeed, salt, secret, boxSecret };
      }
      return undefined;
    });
  }

  // ── knocks ──

  async knocks(): Promise<Knock[]> {
    const found: Knock[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of knockRows.scan(view, this.runner.id)) {
        const { pseudonym, name, words } = value.paper;
        found.push({ id: key, member: memberIdOf(pseudonym), name, words, at: value.at });
      }
    });
    return found.sort((a, b) => a.at - b.at);
  }

  /** What needs no host's word: links for one person, those who come back, and doors that are open or shut. */
  private async decide(id: string): Promise<void> {
    const group = this.runner.group();
    const row = await this.host.context.vault.read((view) => knockRows.get(view, this.runner.id, id));
    if (group === undefined || row === undefined) return;
    const { door, mode } = roles(group);
    const isOut = isBanned(roles(group), row.paper.pseudonym) || mode === 'locked';
    const isMember = members(group).some(({ pseudonym }) => equalBytes(pseudonym, row.paper.pseudonym));
    if (isOut) await this.answer(id, false, false);
    else if (row.invited || isMember || door === 'open') await this.answer(id, true, false);
    else if (door !== 'knock') await this.answer(id, false, false);
    else await this.tellOthers(row.paper);
  }

  private async tellOthers(knock: NonNullable<Private['knock']>): Promise<void> {
    const group = this.runner.group();
    if (group === undefined) return;
    for (const host of roles(group).hosts) {
      if (!equalBytes(host, this.runner.me.publicKey)) await this.voice.say(host, { knock });
    }
  }

  /** Answers a knock, and forgets it once the answer is at the relay. */
  async answer(id: string, admits: boolean, told = true): Promise<void> {
    const { runner } = this;
    const row = await this.host.context.vault.read((view) => knockRows.get(view, runner.id, id));
    if (row === undefined) throw new SottoError('ROOM_MEMBER');
    const { relay, relayKey, writeId, writerSeed, boxKey } = row.paper;
    const block = sealAnswer(boxKey, admits ? { admitted: this.admission(row.paper.pseudonym) } : {});
    const session = this.host.session({ relay, relayKey }, `answer-${id}`);
    const writer = session.writer({ writeId, keySeed: asKey('signing-seed', writerSeed) });
    try {
      await writer.append({ appendId: randomBytes(16), block, commitment: randomBytes(32) });
    } catch (error) {
      // They have given up waiting: their mailbox is gone.
      if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) throw error;
    } finally {
      writer.release();
    }
    await runner.step((step) => {
      knockRows.del(step.tx, runner.id, id);
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    if (told) await this.voice.act({ kind: admits ? 'admit' : 'refuse', member: fromHex(id) });
  }

  private admission(pseudonym: Uint8Array) {
    const { runner } = this;
    const { roomSecret, writeId, readId, readerSeed, joinerSeed } = runner.record();
    if (
      roomSecret === undefined ||
      readId === undefined ||
      readerSeed === undefined ||
      joinerSeed === undefined
    )
      throw new SottoError('ROOM_NOT_HOST');
    const expiresAt = Math.floor(this.host.context.now() / 1_000) + TICKET_SECONDS;
    const wish = { roomId: runner.roomId, pseudonym, expiresAt, serial: randomBytes(16) };
    const ticket = signTicket(wish, runner.me);
    return { ticket, roomSecret, writeId, readId, readerSeed, joinerSeed };
  }

  // ── the log ──

  /** The relay says that there is no such log: it lost its store, and the owner makes the same one again. */
  async keepLog(): Promise<void> {
    const { runner } = this;
    const record = runner.record();
    const { ownership, readerSeed, writerSeed, joinerSeed, relay, relayKey, ttlSeconds } = record;
    if (ownership === undefined || record.roomSeed === undefined) return;
    if (readerSeed === undefined || writerSeed === undefined) return;
    const key = (seed: Uint8Array) => signingKeyPair(asKey('signing-seed', seed)).publicKey;
    const created = await this.host.session({ relay, relayKey }, runner.id).create({
      policy: 'log',
      securing: 'never',
      ttlSeconds,
      ownerSeed: asKey('signing-seed', ownership.originSeed),
      salt: ownership.salt,
      readerKey: key(readerSeed),
      writerKey: key(writerSeed),
      ...(joinerSeed === undefined ? {} : { joinerKey: key(joinerSeed) }),
    });
    if (created.existed) return;
    await runner.step(async (step) => {
      // Made anew, it belongs to the key from which its ids follow.
      const { originSeed, ownerSeed, salt } = ownership;
      const made = { originSeed, ownerSeed: originSeed, salt };
      // Whoever was a co-host knows that one, and not the one that took its place: it does so again.
      const next = equalBytes(ownerSeed, originSeed) ? {} : { nextOwnerSeed: ownerSeed };
      const { incarnation } = created;
      step.record = {
        ...step.record,
        ownership: { ...made, ...next },
        incarnation,
        cursor: 0,
        ordered: 0,
      };
      await roomNotice(step, 'relay');
    });
    runner.revive();
    await runner.owning.replace();
    await runner.commits.run(() => prepareRepair(runner));
  }

  /** For leaving and burning: holds what deletion needs, after the keys are gone from the store. */
  prepareDeletion(): () => Promise<void> {
    const { runner } = this;
    const { ownership, readId, relay, relayKey, roomSeed } = runner.record();
    const keepers = [...this.open.values()];
    if (
      ownership === undefined ||
      readId === undefined ||
      roomSeed === undefined ||
      this.host.stopped.aborted
    )
      return () => Promise.resolve();
    const owner = this.host.session({ relay, relayKey }, runner.id).owner({
      readId,
      keySeed: asKey('signing-seed', ownership.ownerSeed),
    });
    return async () => {
      await Promise.allSettled([owner.delete(), ...keepers.map((keeper) => keeper.delete())]);
      owner.release();
    };
  }
}

/** One door: a standing address whose bundle is the room's sign. */
class DoorKeeper implements MailboxHome {
  readonly id: string;
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;
  private readonly mailbox: OwnedMailbox;
  private readonly knocked: (id: string) => Promise<void>;

  constructor(host: RoomHost, runner: RoomRunner, id: string, knocked: (id: string) => Promise<void>) {
    this.host = host;
    this.runner = runner;
    this.id = id;
    this.knocked = knocked;
    this.mailbox = new OwnedMailbox(host, this);
  }

  start(): Promise<void> {
    return this.mailbox.start();
  }
  stop(): void {
    this.mailbox.stop();
  }
  republish(): Promise<void> {
    return this.mailbox.republish();
  }
  async delete(): Promise<void> {
    await this.mailbox.delete();
    this.stop();
  }

  async load(view: ReadView): Promise<OwnMailbox | undefined> {
    return (await doorRows.get(view, this.runner.id, this.id))?.own;
  }

  async save(tx: Transaction, change: (own: OwnMailbox) => OwnMailbox): Promise<void> {
    const row = await doorRows.get(tx, this.runner.id, this.id);
    if (row !== undefined) await this.put(tx, { ...row, own: change(row.own) });
  }

  async makeBundle(tx: Transaction, own: OwnMailbox): Promise<Uint8Array | undefined> {
    const row = await doorRows.get(tx, this.runner.id, this.id);
    const roomKey = roomKeyOf(this.runner);
    if (row === undefined || roomKey === undefined) return undefined;
    const boxKey = boxPublicKey(asKey('box-secret', row.boxSecret));
    return makeDoorSign(
      { writeId: own.writeId, secret: row.secret, boxKey, once: row.once },
      this.runner.card,
      roomKey,
    );
  }

  async receive(block: ReceivedBlock): Promise<void> {
    const heard = await this.runner.step(async (step) => {
      const row = await doorRows.get(step.tx, this.runner.id, this.id);
      if (row === undefined || row.used) return undefined;
      const at = { personaId: this.host.personaId, ownerId: this.id };
      const seen = await noteBlock(step.tx, at, row.own, block);
      if (seen.repeat) return undefined;
      const secretKey = asKey('box-secret', row.boxSecret);
      const pair = { secretKey, publicKey: boxPublicKey(secretKey) };
      const paper = openKnock(pair, block.block, this.runner.roomId);
      await this.put(step.tx, { ...row, own: seen.own, used: row.once && paper !== undefined });
      if (paper === undefined) return undefined;
      let waiting = 0;
      for await (const _ of knockRows.scan(step.tx, this.runner.id)) waiting++;
      if (waiting >= MAX_KNOCKS) return undefined;
      await noteKnock(step, paper, row.once);
      return { id: toHex(paper.pseudonym), once: row.once };
    });
    if (heard === undefined) return;
    this.runner.background(async () => {
      await this.knocked(heard.id);
      if (!heard.once) return;
      // The relay may not yet have told them that it has their knock.
      await pause(this.host.context.pace.greetLateMs, this.host.stopped);
      await this.delete();
      await this.runner.step((step) => {
        doorRows.del(step.tx, this.runner.id, this.id);
        return Promise.resolve();
      });
    });
  }

  async onReset(): Promise<void> {
    await this.host.context.vault.transact((tx) =>
      this.save(tx, ({ incarnation: _, ...own }) => ({ ...own, cursor: 0 })),
    );
  }

  private put(tx: Transaction, value: DoorRow): Promise<void> {
    const owner = { personaId: this.host.personaId, conversationId: this.runner.id };
    return doorRows.put(tx, { partition: this.runner.id, key: this.id, value }, { under: roomPath(owner) });
  }
}
