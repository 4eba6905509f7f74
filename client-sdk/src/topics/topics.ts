// Directories of one persona: reading those of others, keeping its own, and finding a place in a circle. A directory lies
// in the slot of a log that only its keeper writes; its link lets everyone read, and pins the key that signs it.
import { decodeLink, encodeLink, type Link } from '@sotto/wire';
import { message, optional, optionalBytes } from '../content/wire-codec.ts';
import { personaPath } from '../conversation/record.ts';
import { newOwnMailbox } from '../conversation/mailbox.ts';
import { asKey, deriveKey, randomBytes, randomKey, sha256, signingKeyPair, toHex } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { NetRefusal, type RelaySession } from '../net/index.ts';
import { within } from '../persona/patience.ts';
import { MAX_PACKET_BYTES, openBlock, sealBlock } from '../room/block.ts';
import type { Room } from '../room/room.ts';
import type { RoomHost, Rooms } from '../room/rooms.ts';
import { readSpilled, writeSpilled } from '../room/spills.ts';
import { DOORS } from '../room/types.ts';
import { spillRefCodec } from '../spill/index.ts';
import { directoryHash, MAX_DIRECTORY_BYTES, openDirectoryPaper, signDirectory } from './paper.ts';
import { directories, type DirectoryRecord, seenDirectories } from './record.ts';
import { type CircleWish, type Directory, type Intent, INTENTS } from './types.ts';

/** What a slot holds: the directory, or where it lies. */
const slotCodec = message({
  paper: optionalBytes(1, 1, MAX_DIRECTORY_BYTES),
  spill: optional(2, spillRefCodec),
});
/** Circles that are looked into before one gives up. */
const MAX_LOOKS = 8;
/** With the host who keeps it: eight who talk. */
const CIRCLE_PLACES = 9;

const blockKeyOf = (secret: Uint8Array) => deriveKey(asKey('hash', secret), 'seal', 'directory');

export class Topics {
  private readonly host: RoomHost;
  private readonly rooms: Rooms;

  constructor(host: RoomHost, rooms: Rooms) {
    this.host = host;
    this.rooms = rooms;
  }

  /** @throws SottoError DIRECTORY_BAD, DIRECTORY_GONE, ROOM_KIND, NET_…; WireError WIRE_LINK_… */
  async open(text: string): Promise<Directory> {
    const link = parseDirectoryLink(text);
    const session = this.host.session(link, `directory-${toHex(link.writeId)}`);
    const encoded = await within(this.host.context.pace.patienceMs, readPaper(session, link));
    const directory = openDirectoryPaper(encoded, link.identityHash);
    await this.remember(toHex(link.identityHash), directory.revision);
    return directory;
  }

  private async remember(key: string, revision: number): Promise<void> {
    const { personaId, context } = this.host;
    await context.vault.transact(async (tx) => {
      const seen = await seenDirectories.get(tx, personaId, key);
      if (seen !== undefined && seen.revision > revision) throw new SottoError('DIRECTORY_BAD');
      const under = personaPath(personaId);
      await seenDirectories.put(tx, { partition: personaId, key, value: { revision } }, { under });
    });
  }

  /**
   * Comes into the circle that is nearest to being full among those that fit: first come, first served.
   * @throws SottoError CIRCLE_NONE where there is no place at the moment.
   */
  async joinCircle(text: string, wish: CircleWish): Promise<Room> {
    const { topics } = await this.open(text);
    const fitting = (topics.find(({ id }) => id === wish.topic)?.circles ?? [])
      .filter(({ intent, card }) => intent === wish.intent && sameLanguage(card.language, wish.language))
      .sort((a, b) => b.memberCount - a.memberCount)
      .slice(0, MAX_LOOKS);
    const looked: { link: string; memberCount: number }[] = [];
    for (const { link } of fitting) {
      const { card, memberCount = 0, door } = await this.rooms.look(link).catch(() => NOTHING);
      if (card !== undefined && door === 'open' && memberCount < card.places)
        looked.push({ link, memberCount });
    }
    for (const { link } of looked.sort((a, b) => b.memberCount - a.memberCount)) {
      try {
        return await this.rooms.join(link);
      } catch (error) {
        const taken = ['ROOM_FULL', 'ROOM_GONE', 'ROOM_DOOR'] as const;
        if (!taken.some((code) => hasCode(error, code))) throw error;
      }
    }
    throw new SottoError('CIRCLE_NONE', { retry: 'later' });
  }

  // ── keeping ──

  /** A directory of one's own, empty and published. */
  async create(options: {
    name: string;
    keeper?: string;
    topics?: readonly { id: string; title: string }[];
  }): Promise<DirectoryKeeper> {
    const pin = await this.host.home();
    const own = newOwnMailbox(pin, true);
    const keySeed = randomKey('signing-seed');
    const secret = randomBytes(32);
    const link = encodeLink(
      {
        kind: 'directory',
        relay: pin.relay,
        relayKey: pin.relayKey,
        // Whoever has the link reads: the id and seed are the reader's.
        writeId: own.readId,
        writerSeed: own.readerSeed,
        secret,
        identityHash: directoryHash(signingKeyPair(keySeed).publicKey),
      },
      { origin: this.host.origin(pin.relay), sha256 },
    );
    const { relay, relayKey } = pin;
    const { ownerSeed, readerSeed, writerSeed, salt, readId, writeId } = own;
    const record: DirectoryRecord = {
      version: 1,
      relay,
      relayKey,
      keySeed,
      secret,
      ownerSeed,
      readerSeed,
      writerSeed,
      salt,
      readId,
      writeId,
      made: false,
      slotSequence: 0,
      revision: 0,
      name: options.name,
      keeper: options.keeper ?? this.host.name,
      topics: (options.topics ?? []).map((topic) => ({ ...topic })),
      rooms: [],
      link,
    };
    const id = toHex(randomBytes(16));
    const keeper = new DirectoryKeeper(this.host, this.rooms, id, record);
    await keeper.save((now) => now);
    await keeper.publish();
    return keeper;
  }

  async list(): Promise<DirectoryKeeper[]> {
    const found: DirectoryKeeper[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of directories.scan(view, this.host.personaId)) {
        found.push(new DirectoryKeeper(this.host, this.rooms, key, value));
      }
    });
    return found;
  }
}

const NOTHING = { card: undefined, memberCount: 0, door: 'closed' as const };

/** One directory of one's own. */
export class DirectoryKeeper {
  readonly id: string;
  private readonly host: RoomHost;
  private readonly rooms: Rooms;
  private record: DirectoryRecord;

  /** @internal */
  constructor(host: RoomHost, rooms: Rooms, id: string, record: DirectoryRecord) {
    this.host = host;
    this.rooms = rooms;
    this.id = id;
    this.record = record;
  }

  get name(): string {
    return this.record.name;
  }
  /** For everyone. */
  get link(): string {
    return this.record.link;
  }
  get revision(): number {
    return this.record.revision;
  }

  /** Lists a room under a topic, its card's unless given; again: with what it is now. Publishes. */
  async listRoom(link: string, options: { topic?: string; intent?: Intent } = {}): Promise<void> {
    await this.put(link, options);
    await this.publish();
  }

  async unlist(link: string): Promise<void> {
    await this.save((now) => ({ ...now, rooms: now.rooms.filter((room) => room.link !== link) }));
    await this.publish();
  }

  /** Adds a topic, or gives it another title. Publishes. */
  async addTopic(id: string, title: string): Promise<void> {
    await this.save((now) => ({
      ...now,
      topics: [...now.topics.filter((topic) => topic.id !== id), { id, title }],
    }));
    await this.publish();
  }

  /** Looks into every room that is listed: counts are brought up to date, those that are gone drop out. Publishes. */
  async refresh(): Promise<void> {
    for (const { link, topic, intent } of this.record.rooms) {
      const kind = INTENTS[intent - 1];
      try {
        await this.put(link, { topic, ...(kind === undefined ? {} : { intent: kind }) });
      } catch (error) {
        if (!hasCode(error, 'ROOM_GONE')) continue;
        await this.save((now) => ({ ...now, rooms: now.rooms.filter((room) => room.link !== link) }));
      }
    }
    await this.publish();
  }

  /** Sees to it that there is a circle with places for this wish: the persona hosts it. @returns a new one, if it took one. */
  async keepCircle(wish: CircleWish): Promise<Room | undefined> {
    await this.refresh();
    const { topics } = openDirectoryPaper(this.paper(), directoryHash(this.pair.publicKey));
    const circles = topics.find(({ id }) => id === wish.topic)?.circles ?? [];
    const hasPlace = circles.some(
      ({ card, intent, memberCount }) =>
        intent === wish.intent && sameLanguage(card.language, wish.language) && memberCount < card.places,
    );
    if (hasPlace) return undefined;
    const room = await this.rooms.create({
      title: `Circle ${toHex(randomBytes(2))}`,
      topic: wish.topic,
      language: wish.language,
      places: CIRCLE_PLACES,
    });
    await this.listRoom(await room.link(), { topic: wish.topic, intent: wish.intent });
    return room;
  }

  private async put(link: string, options: { topic?: string; intent?: Intent }): Promise<void> {
    const { card, signed, door, memberCount } = await this.rooms.lookSigned(link);
    const topic = options.topic ?? card.topic;
    const listing = {
      topic,
      card: signed,
      door: DOORS.indexOf(door),
      link,
      memberCount: memberCount ?? 0,
      seenAt: this.host.context.now(),
      intent: options.intent === undefined ? 0 : INTENTS.indexOf(options.intent) + 1,
    };
    await this.save((now) => ({
      ...now,
      rooms: [...now.rooms.filter((room) => room.link !== link), listing],
    }));
  }

  private get pair() {
    return signingKeyPair(asKey('signing-seed', this.record.keySeed));
  }

  private paper(): Uint8Array {
    const { revision, name, keeper, topics, rooms } = this.record;
    const updatedAt = this.host.context.now();
    return signDirectory({ revision, updatedAt, name, keeper, topics, rooms }, this.pair);
  }

  /** Puts it into the slot as it is now. */
  async publish(): Promise<void> {
    await this.save((now) => ({ ...now, revision: now.revision + 1 }));
    const { relay, relayKey } = this.record;
    const session = this.host.session({ relay, relayKey }, `directory-${this.id}`);
    await within(this.host.context.pace.patienceMs, this.append(session));
  }

  private async append(session: RelaySession): Promise<void> {
    const { record } = this;
    const key = (seed: Uint8Array) => signingKeyPair(asKey('signing-seed', seed)).publicKey;
    const ownerSeed = asKey('signing-seed', record.ownerSeed);
    const created = await session.create({
      policy: 'log',
      securing: 'never',
      ownerSeed,
      salt: record.salt,
      readerKey: key(record.readerSeed),
      writerKey: key(record.writerSeed),
    });
    const paper = this.paper();
    const inline = slotCodec.encode({ paper });
    const writer = session.writer({
      writeId: record.writeId,
      keySeed: asKey('signing-seed', record.writerSeed),
    });
    const owner = session.owner({ readId: record.readId, keySeed: ownerSeed });
    try {
      const content =
        inline.length <= MAX_PACKET_BYTES
          ? inline
          : slotCodec.encode({ spill: await writeSpilled(session, paper, writer) });
      const block = sealBlock(blockKeyOf(record.secret), content);
      let expect = created.existed ? record.slotSequence : 0;
      for (;;) {
        try {
          const input = { appendId: randomBytes(16), block, commitment: randomBytes(32), expect };
          const { sequence } = await owner.orderedAppend(input);
          await this.save((now) => ({ ...now, made: true, slotSequence: sequence }));
          return;
        } catch (error) {
          // Nobody else writes here: a newer value is mine, and its answer was lost.
          if (!(error instanceof NetRefusal) || error.code !== 'NET_STALE' || error.current === expect)
            throw error;
          expect = error.current;
        }
      }
    } finally {
      writer.release();
      owner.release();
    }
  }

  /** @internal */
  async save(change: (now: DirectoryRecord) => DirectoryRecord): Promise<void> {
    const { context, personaId } = this.host;
    await context.vault.transact(async (tx) => {
      this.record = change((await directories.get(tx, personaId, this.id)) ?? this.record);
      const entry = { partition: personaId, key: this.id, value: this.record };
      await directories.put(tx, entry, { under: personaPath(personaId) });
    });
  }
}

function parseDirectoryLink(text: string): Link {
  const link = decodeLink(text, { sha256 });
  if (link.kind !== 'directory') throw new SottoError('ROOM_KIND');
  return link;
}

async function readPaper(session: RelaySession, link: Link): Promise<Uint8Array> {
  const reader = session.reader({
    readId: link.writeId,
    keySeed: asKey('signing-seed', link.writerSeed),
    policy: 'log',
    onBlock: () => Promise.resolve(),
  });
  try {
    const slot = await reader.readSlot();
    const content = slot === undefined ? undefined : openBlock(blockKeyOf(link.secret), slot.block);
    if (content === undefined) throw new SottoError('DIRECTORY_BAD');
    const { paper, spill } = slotCodec.decode(content);
    if (paper !== undefined) return paper;
    if (spill === undefined) throw new SottoError('DIRECTORY_BAD');
    return await readSpilled(session, spill);
  } catch (error) {
    if (hasCode(error, 'NET_LINK_DEAD')) throw new SottoError('DIRECTORY_GONE', { cause: error });
    if (hasCode(error, 'CONTENT_MALFORMED')) throw new SottoError('DIRECTORY_BAD', { cause: error });
    throw error;
  } finally {
    reader.release();
  }
}

/** `pt` fits `pt-BR`. */
function sameLanguage(a: string, b: string): boolean {
  return a.toLowerCase().split('-')[0] === b.toLowerCase().split('-')[0];
}
