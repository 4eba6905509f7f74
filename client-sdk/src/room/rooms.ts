// The rooms of one persona: making one, looking through a link, coming in by whatever door it leads to, and going on
// after a restart. Loaded when the first room is asked for, so that whoever has none doesn't load any of it.
import { eraseFiles } from '../attachment/record.ts';
import type { Attribution } from '../conversation/record.ts';
import { conversationPath } from '../conversation/record.ts';
import { newOwnMailbox, type RelayPin, slotBlocks } from '../conversation/mailbox.ts';
import { seenAppends } from '../conversation/seen.ts';
import { Backoff, type Host, pause } from '../context.ts';
import { asKey, equalBytes, randomBytes, randomKey, signingKeyPair, toHex } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { linePositions, lines, timedLines } from '../history/record.ts';
import { notes } from '../notes.ts';
import { queuedContents, saidContents, sealedBlocks } from '../outbox/record.ts';
import { unlessRefused, within } from '../persona/patience.ts';
import type { Transaction } from '../store/index.ts';
import { signCard } from './card.ts';
import { enter, type EntryPapers, lookInto, newRoomRecord } from './entry.ts';
import { createGroup, publicState, signOrder, signRoles } from './group/index.ts';
import { Knocking, readDoorSign, writeKnock } from './knocking.ts';
import { parseRoomLink, type RoomLink, roomKeyHash } from './link.ts';
import { divide, PACKET_KINDS, type Packet, packetCodec } from './packet.ts';
import { blockKeyOf, MAX_PACKET_BYTES, sealBlock } from './block.ts';
import { pseudonymOf, roomIdOf } from './pseudonym.ts';
import { doorRows, ROOM_PHASES, ROOM_TABLES, type RoomRecord, rooms } from './record.ts';
import { Room } from './room.ts';
import { seedsOf } from './seeds.ts';
import { writeSpilled } from './spills.ts';
import type { JoinOptions, RoomCardInput, RoomPreview } from './types.ts';

/** What rooms need of their persona besides the host. */
export interface RoomHost extends Host {
  /** The name that others see unless another is given. */
  readonly name: string;
  /** Where the persona makes its channels. @throws SottoError PERSONA_NO_RELAY */
  home(): Promise<RelayPin>;
  /** Of the web client that links open. */
  origin(relay: string): string;
  /** From which pseudonyms follow; made when first needed. */
  roomSeed(): Promise<Uint8Array>;
  /** A one-time invite to a conversation whose contents are signed. */
  invite(attribution: Attribution, name: string): Promise<string>;
  /** Accepts one. @returns the conversation's id. */
  accept(link: string, attribution: Attribution, name: string): Promise<string>;
  /** A room was left or burned: nothing of it is kept. */
  forgotten(id: string): Promise<void>;
}

export type RoomHostBase = Omit<RoomHost, 'forgotten'>;

export class Rooms {
  /** @internal */
  readonly host: RoomHost;
  private readonly open = new Map<string, Room>();
  private readonly knocking = new Map<string, Knocking>();
  private readonly changed: (room: Room) => void;
  private online = false;

  constructor(base: RoomHostBase, changed: (room: Room) => void) {
    const forgotten = (id: string): Promise<void> => this.forget(id);
    this.host = withForgotten(base, forgotten);
    this.changed = changed;
  }

  // ── life ──

  /** All that are not left, oldest first. */
  async list(): Promise<Room[]> {
    const rows: { id: string; createdAt: number }[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of rooms.scan(view, this.host.personaId)) {
        if (value.phase !== ROOM_PHASES.left) rows.push({ id: key, createdAt: value.createdAt });
      }
    });
    rows.sort((a, b) => a.createdAt - b.createdAt);
    return Promise.all(rows.map(({ id }) => this.room(id)));
  }

  async start(): Promise<void> {
    this.online = true;
    for (const room of await this.list()) this.run(room);
  }

  stop(): void {
    this.online = false;
    for (const room of this.open.values()) room.stop();
    for (const knocking of this.knocking.values()) knocking.stop();
    this.knocking.clear();
  }

  /** Locked or closed. */
  end(): void {
    this.stop();
    for (const room of this.open.values()) room.end();
    this.open.clear();
  }

  private async room(id: string): Promise<Room> {
    const room = this.open.get(id) ?? new Room(this.host, id);
    this.open.set(id, room);
    await room.load();
    return room;
  }

  private run(room: Room): void {
    if (!this.online) return;
    const { phase } = room.runner.record();
    room.start();
    if (phase === ROOM_PHASES.knocking) room.runner.background(() => this.knock(room));
    if (phase === ROOM_PHASES.joining) room.runner.background(() => this.comeIn(room));
  }

  // ── making one ──

  async create(input: RoomCardInput): Promise<Room> {
    const pin = await this.host.home();
    const roomKey = signingKeyPair(randomKey('signing-seed'));
    const card = signCard({ host: this.host.name, ...input }, 1, roomKey);
    const roomId = roomIdOf(roomKey.publicKey);
    const me = pseudonymOf(await this.host.roomSeed(), roomId);
    const { door, retentionHours } = card.card;
    const channel = newOwnMailbox(pin, true);
    const { places, slowSeconds } = card.card;
    const part = { hosts: [me.publicKey], places, cardHash: card.hash, revision: 1 };
    const signedRoles = signRoles(part, roomKey);
    const order = {
      counter: 1,
      banned: [],
      muted: [],
      door,
      mode: 'open' as const,
      slowSeconds,
    };
    const group = await createGroup({
      roomKey,
      pseudonym: me,
      roles: { roles: signedRoles, order: signOrder(order, roomId, me) },
      suite: card.card.postQuantum ? 'x-wing' : 'x25519',
    });
    const seeds = await seedsOf(group);
    const isOpen = door === 'open';
    const nowMs = this.host.context.now();
    const record: RoomRecord = {
      ...newRoomRecord({
        pin,
        writeId: channel.writeId,
        roomKey: roomKey.publicKey,
        pseudonymSeed: me.seed,
        name: this.host.name,
        card: card.bytes,
        phase: ROOM_PHASES.in,
        nowMs,
        link: '',
      }),
      readId: channel.readId,
      roomSecret: randomBytes(32),
      roomSeed: roomKey.seed,
      writerSeed: seeds.writerSeed,
      readerSeed: isOpen ? channel.readerSeed : seeds.readerSeed,
      joinerSeed: isOpen ? randomKey('signing-seed') : seeds.joinerSeed,
      ownership: { originSeed: channel.originSeed, ownerSeed: channel.ownerSeed, salt: channel.salt },
      ttlSeconds: retentionHours * 3_600,
      joinedAt: 0,
      beaconAt: nowMs,
      signedAt: 0,
    };
    const id = toHex(record.id);
    await this.write(id, record);
    const room = await this.room(id);
    await room.runner.found(group);
    await within(this.host.context.pace.patienceMs, this.furnish(room, await publicState(group)));
    this.run(room);
    if (door === 'knock') await within(this.host.context.pace.patienceMs, room.link());
    this.changed(room);
    return room;
  }

  /** Makes the log and puts the first state into its slot. */
  private async furnish(room: Room, state: Uint8Array): Promise<void> {
    const { runner } = room;
    const record = runner.record();
    const { ownership, readerSeed, writerSeed, joinerSeed, readId, roomSecret } = record;
    if (!ownership || !readerSeed || !writerSeed || !joinerSeed || !readId || !roomSecret)
      throw new SottoError('ROOM_GONE');
    const key = (seed: Uint8Array) => signingKeyPair(asKey('signing-seed', seed)).publicKey;
    const session = runner.session();
    const created = await session.create({
      policy: 'log',
      securing: 'never',
      ttlSeconds: record.ttlSeconds,
      ownerSeed: asKey('signing-seed', ownership.originSeed),
      salt: ownership.salt,
      readerKey: key(readerSeed),
      writerKey: key(writerSeed),
      joinerKey: key(joinerSeed),
    });
    const group = runner.group();
    const packet: Packet = {
      kind: PACKET_KINDS.state,
      state,
      card: record.card,
      ...(group === undefined ? {} : runner.accessNow(group)),
    };
    const { head, rest } = divide(packet, MAX_PACKET_BYTES);
    const writer = session.writer({
      writeId: record.writeId,
      keySeed: asKey('signing-seed', writerSeed),
    });
    const owner = session.owner({ readId, keySeed: asKey('signing-seed', ownership.ownerSeed) });
    try {
      const named =
        rest === undefined
          ? head
          : { ...head, rest: await writeSpilled(session, packetCodec.encode(rest), writer) };
      const block = sealBlock(blockKeyOf(roomSecret), packetCodec.encode(named));
      const input = { appendId: randomBytes(16), block, commitment: randomBytes(32), expect: 0 };
      const { sequence } = await owner.orderedAppend(input);
      await runner.step((step) => {
        const { incarnation } = created;
        const { ttlSeconds: kept } = created;
        step.record = {
          ...step.record,
          made: true,
          incarnation,
          ttlSeconds: kept,
          cursor: sequence,
          ordered: sequence,
        };
        return Promise.resolve();
      });
    } finally {
      writer.release();
      owner.release();
    }
  }

  // ── coming in ──

  /** What lies behind a link. @throws SottoError ROOM_KIND, ROOM_GONE, ROOM_CARD_BAD, NET_…; WireError WIRE_LINK_… */
  async look(text: string): Promise<RoomPreview> {
    const { signed: _, ...preview } = await this.lookSigned(text);
    return preview;
  }

  /** The same, with the card's signed bytes: for a directory. */
  async lookSigned(text: string): Promise<RoomPreview & { signed: Uint8Array }> {
    const link = parseRoomLink(text);
    const known = await this.knownBy(link);
    const room = known === undefined ? {} : { room: known };
    const session = this.host.session(link, `look-${toHex(randomBytes(4))}`);
    const { patienceMs } = this.host.context.pace;
    if (link.kind === 'door') {
      const { card } = await within(patienceMs, unlessRefused(session, readDoorSign(session, link)));
      return { card: card.card, signed: card.bytes, door: card.card.door, ...room };
    }
    const { state, card } = await within(
      patienceMs,
      unlessRefused(session, lookInto(session, papersOf(link))),
    );
    const { members, roles } = state;
    return { card: card.card, signed: card.bytes, door: roles.door, memberCount: members.length, ...room };
  }

  /** @throws SottoError as `look`; ROOM_FULL, ROOM_DOOR */
  async join(text: string, options: JoinOptions = {}): Promise<Room> {
    const link = parseRoomLink(text);
    const known = await this.knownBy(link, true);
    if (known !== undefined) return this.room(known);
    const name = options.name ?? this.host.name;
    const room =
      link.kind === 'door'
        ? await this.joinByDoor(link, name, { ...options, text })
        : await this.joinOpen(link, name, text);
    this.changed(room);
    return room;
  }

  private async knownBy(link: RoomLink, anew = false): Promise<string | undefined> {
    const gone: readonly number[] = [
      ROOM_PHASES.left,
      ROOM_PHASES.removed,
      ROOM_PHASES.refused,
      ROOM_PHASES.closed,
    ];
    const again: string[] = [];
    let found: string | undefined;
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of rooms.scan(view, this.host.personaId)) {
        if (!equalBytes(roomKeyHash(value.roomKey), link.identityHash)) continue;
        if (gone.includes(value.phase)) again.push(key);
        else found = key;
      }
    });
    // Coming back begins anew: what was kept of the last time goes.
    if (found === undefined && anew) for (const id of again) await this.forget(id);
    return found;
  }

  private async joinOpen(link: RoomLink, name: string, text: string): Promise<Room> {
    const papers = papersOf(link);
    const { patienceMs } = this.host.context.pace;
    const session = this.host.session(link, 'join');
    const good = await within(patienceMs, unlessRefused(session, lookInto(session, papers)));
    const { roomKey } = good.card;
    const me = pseudonymOf(await this.host.roomSeed(), roomIdOf(roomKey));
    const record: RoomRecord = {
      ...newRoomRecord({
        pin: { relay: link.relay, relayKey: link.relayKey },
        writeId: link.writeId,
        roomKey,
        pseudonymSeed: me.seed,
        name,
        card: good.card.bytes,
        phase: ROOM_PHASES.joining,
        nowMs: this.host.context.now(),
        link: text,
      }),
      roomSecret: link.secret,
      joinerSeed: link.writerSeed,
      ttlSeconds: good.card.card.retentionHours * 3_600,
    };
    const id = toHex(record.id);
    await this.write(id, record);
    const room = await this.room(id);
    if (this.online) room.start();
    try {
      await within(patienceMs, this.comeIn(room, true));
    } catch (error) {
      if (hasCode(error, 'NET_UNREACHABLE')) throw error;
      await this.forget(id);
      throw error;
    }
    return room;
  }

  private readonly comingIn = new Map<string, Promise<void>>();

  /** Comes in, trying again where the network fails. @param once - a failure that isn't passing ends it. */
  private comeIn(room: Room, once = false): Promise<void> {
    const known = this.comingIn.get(room.id);
    if (known !== undefined) return known;
    const work = this.tryToComeIn(room, once).finally(() => this.comingIn.delete(room.id));
    this.comingIn.set(room.id, work);
    return work;
  }

  private async tryToComeIn(room: Room, once: boolean): Promise<void> {
    const backoff = new Backoff(this.host.context.pace);
    for (;;) {
      const { roomSecret, joinerSeed, relay, relayKey, writeId, roomKey } = room.runner.record();
      if (roomSecret === undefined || joinerSeed === undefined) throw new SottoError('ROOM_GONE');
      const identityHash = roomKeyHash(roomKey);
      try {
        await enter(room.runner, { relay, relayKey, writeId, joinerSeed, roomSecret, identityHash });
        return;
      } catch (error) {
        const final = ['ROOM_FULL', 'ROOM_DOOR', 'ROOM_GONE', 'ROOM_CARD_BAD', 'ROOM_REFUSED'] as const;
        if (once && final.some((code) => hasCode(error, code))) throw error;
        if (hasCode(error, 'NET_CLOSED')) throw error;
        await pause(backoff.nextMs(), this.host.stopped);
      }
    }
  }

  private async joinByDoor(
    link: RoomLink,
    name: string,
    options: JoinOptions & { text: string },
  ): Promise<Room> {
    const session = this.host.session(link, 'join');
    const { patienceMs } = this.host.context.pace;
    const sign = await within(patienceMs, unlessRefused(session, readDoorSign(session, link)));
    const { roomKey } = sign.card;
    const me = pseudonymOf(await this.host.roomSeed(), roomIdOf(roomKey));
    const words = options.words ?? '';
    const record: RoomRecord = {
      ...newRoomRecord({
        pin: { relay: link.relay, relayKey: link.relayKey },
        writeId: new Uint8Array(24).fill(1),
        roomKey,
        pseudonymSeed: me.seed,
        name,
        card: sign.card.bytes,
        phase: ROOM_PHASES.knocking,
        nowMs: this.host.context.now(),
        link: sign.once ? '' : options.text,
        words,
      }),
      ttlSeconds: sign.card.card.retentionHours * 3_600,
    };
    const id = toHex(record.id);
    const home = await this.host.home().catch(() => ({ relay: link.relay, relayKey: link.relayKey }));
    await this.write(id, record);
    const room = await this.room(id);
    await room.runner.step((step) =>
      writeKnock(step, { link, boxKey: sign.boxKey, home, pair: me, name, words, roomKey }),
    );
    if (this.online) room.start();
    await within(patienceMs, this.knock(room));
    return room;
  }

  private async knock(room: Room): Promise<void> {
    if (this.knocking.has(room.id)) return;
    const knocking = new Knocking(this.host, room.runner, (admitted) => {
      this.knocking.delete(room.id);
      if (admitted) room.runner.background(() => this.comeIn(room));
    });
    this.knocking.set(room.id, knocking);
    await knocking.start();
  }

  // ── going ──

  async retire(): Promise<void> {
    for (const room of await this.list()) await room.administration.goodbye({ keepsHistory: true });
  }

  /** For burning: what deletion at the relay needs, after the keys are gone from the store. */
  async prepareDeletions(): Promise<(() => Promise<void>)[]> {
    const deletions = [...this.open.values()].map((room) => room.administration.doors.prepareDeletion());
    for (const knocking of this.knocking.values()) deletions.push(await knocking.prepareDeletion());
    return deletions;
  }

  private async forget(id: string): Promise<void> {
    const room = this.open.get(id);
    this.open.delete(id);
    room?.end();
    await this.host.context.vault.transact((tx) => forgetRoom(tx, this.host.personaId, id));
  }

  private async write(id: string, record: RoomRecord): Promise<void> {
    const { vault } = this.host.context;
    const { personaId } = this.host;
    const under = conversationPath(personaId, id);
    await vault.transact((tx) => rooms.put(tx, { partition: personaId, key: id, value: record }, { under }));
  }
}

function papersOf(link: RoomLink): EntryPapers {
  const { relay, relayKey, writeId, writerSeed, secret, identityHash } = link;
  return { relay, relayKey, writeId, joinerSeed: writerSeed, roomSecret: secret, identityHash };
}

function withForgotten(base: RoomHostBase, forgotten: (id: string) => Promise<void>): RoomHost {
  return Object.create(base, { forgotten: { value: forgotten } }) as RoomHost;
}

/** Removes all that one room keeps, its doors too. */
export async function forgetRoom(tx: Transaction, personaId: string, id: string): Promise<void> {
  for await (const { key } of doorRows.scan(tx, id)) {
    for (const table of [slotBlocks, seenAppends]) await tx.clear(table, key);
    tx.eraseKey(conversationPath(personaId, key));
  }
  const shared = [
    lines,
    linePositions,
    timedLines,
    queuedContents,
    saidContents,
    sealedBlocks,
    slotBlocks,
    seenAppends,
    notes,
  ];
  await eraseFiles(tx, { personaId, conversationId: id });
  for (const table of [...ROOM_TABLES, ...shared]) await tx.clear(table, id);
  rooms.del(tx, personaId, id);
  tx.eraseKey(conversationPath(personaId, id));
}
