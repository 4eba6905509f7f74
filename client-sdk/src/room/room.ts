// A room as people of this SDK use it: say, read, follow, search, leave; and what its hosts do. All work is the
// runner's, the hosting's and the doors'; this file gives it a shape and asks whether one may.
import type { FileDetails, StoredFile } from '../attachment/files.ts';
import type { ByteSource } from '../spill/plan.ts';
import { type Body, encodeBody, MAX_NAME_BYTES, MAX_TEXT_BYTES, reactionNumber } from '../content/content.ts';
import type { SentMessage } from '../conversation/conversation.ts';
import { conversationPath } from '../conversation/record.ts';
import { equalBytes, fromHex, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { Emitter, type Unsubscribe } from '../events.ts';
import { History } from '../history/history.ts';
import type { Cursor, Message, MessageId } from '../history/message.ts';
import { Notes, notes } from '../notes.ts';
import { readHostLog } from './actions.ts';
import { isHosted, isNewcomer, objectionTo, type Objection, pauseSeconds, type Speaker } from './conduct.ts';
import type { RoomAdministration } from './administration.ts';
import { filtered, NO_FILTERS } from './filters.ts';
import { type GroupState, members, roles } from './group/index.ts';
import { Hosting } from './hosting.ts';
import { memberIdOf, pictureSeedOf } from './pseudonym.ts';
import { filterRows, memberRows, phaseName, ROOM_PHASES, UNKNOWN_MEMBER } from './record.ts';
import { RoomFiles } from './room-files.ts';
import { RoomRunner } from './runner.ts';
import { applyOwn, enqueue } from './say.ts';
import { type RoomEffect, putMember, memberOf, roomPath } from './step.ts';
import type { RoomHost } from './rooms.ts';
import { makeAdministration } from './administration.ts';
import type {
  Door,
  HostLog,
  Knock,
  Member,
  MemberId,
  RoomCard,
  RoomCardInput,
  RoomContent,
  RoomEvents,
  RoomFilters,
  RoomMode,
  RoomState,
  TalkRequest,
} from './types.ts';

/** Others see my coming a little later than I do, and by their own clocks. */
const NEWCOMER_MARGIN_MS = 150_000;
/** How long someone who wants to write waits for a host's sign where there was none. */
const HAIL_MS = 3_000;

const OBJECTIONS = {
  muted: 'ROOM_MUTED',
  locked: 'ROOM_READ_ONLY',
  'read-only': 'ROOM_READ_ONLY',
  'no-files': 'ROOM_NO_FILES',
  unhosted: 'ROOM_UNHOSTED',
  slow: 'ROOM_SLOW',
  newcomer: 'ROOM_NEWCOMER',
} as const satisfies Record<Objection, string>;

/** What a right to speak is asked for. */
type Saying = Exclude<Body, { type: 'attachment' }> | { readonly type: 'attachment' };
const A_FILE: Saying = { type: 'attachment' };

/** One room. Objects stay valid and up to date as long as the client is open. */
export class Room {
  readonly id: string;
  /** For the app; gone with the room. */
  readonly notes: Notes;
  /** @internal */
  readonly runner: RoomRunner;
  /** @internal */
  readonly administration: RoomAdministration;
  private readonly host: RoomHost;
  private readonly hosting: Hosting;
  private readonly history_: History;
  private readonly files: RoomFiles;
  private readonly emitter = new Emitter<RoomEvents>();
  private readonly waiting = new Map<string, (value: { keptUntil: number }) => void>();
  private filters_: RoomFilters = NO_FILTERS;

  /** @internal */
  constructor(host: RoomHost, id: string) {
    this.host = host;
    this.id = id;
    const { vault, now } = host.context;
    this.notes = new Notes(vault, id, conversationPath(host.personaId, id));
    this.history_ = new History(vault, id, now);
    this.runner = new RoomRunner(host, id, (effect) => {
      this.hear(effect);
    });
    this.files = new RoomFiles({
      host,
      runner: this.runner,
      needVoice: () => {
        this.mustHaveVoice(A_FILE);
      },
      tell: (transfer) => {
        this.emitter.emit('transfer', transfer);
      },
    });
    this.hosting = new Hosting(this.runner);
    this.administration = makeAdministration(host, this.runner, this.hosting);
  }

  get card(): RoomCard {
    return this.runner.card.card;
  }

  get state(): RoomState {
    const record = this.runner.record();
    const group = this.runner.group();
    const nowMs = this.host.context.now();
    const house = this.runner.house();
    const me = this.speaker();
    const pause = pauseSeconds(house, me, nowMs);
    const why = this.obstacle();
    const { breakUntil, pinned } = record;
    return {
      phase: phaseName(record.phase),
      door: group === undefined ? this.card.door : roles(group).door,
      mode: house.mode,
      hosted: isHosted(house, nowMs),
      isHost: this.runner.isHost,
      memberCount: this.runner.memberCount(),
      pauseSeconds: pause,
      maySend: why === undefined,
      maySendFiles: why === undefined && this.mayShowFiles(),
      ...(why === undefined ? {} : { why }),
      ...(breakUntil > nowMs ? { breakUntil } : {}),
      ...(pinned === undefined ? {} : { pinned: hexOf(pinned) }),
      counts: { voided: record.voided, unreadable: record.unreadable, refused: record.refused },
    };
  }

  /** 32 bytes that a picture of the room may be drawn from: the same for everyone in it. */
  get pictureSeed(): Uint8Array {
    return pictureSeedOf(this.runner.roomId);
  }

  /** My pseudonym here. */
  get me(): MemberId {
    return memberIdOf(this.runner.me.publicKey);
  }

  /** What I go by here. */
  get name(): string {
    return this.runner.record().name;
  }

  /** Goes by another name from the next message on. */
  async rename(name: string): Promise<void> {
    if (utf8(name).length > MAX_NAME_BYTES) throw new SottoError('CONTENT_TOO_LONG');
    await this.runner.step((step) => {
      step.record = { ...step.record, name };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
    if (this.runner.record().phase === ROOM_PHASES.in) await this.runner.sayControl({ hail: true });
  }

  /** Hosts first, then by name. */
  async members(): Promise<Member[]> {
    const group = this.runner.group();
    if (group === undefined) return [];
    const rows = await this.host.context.vault.read(async (view) => {
      const found = new Map<string, Awaited<ReturnType<typeof memberRows.get>>>();
      for await (const { key, value } of memberRows.scan(view, this.id)) found.set(key, value);
      return found;
    });
    const list = members(group).map(({ pseudonym }) => this.member(group, pseudonym, rows));
    return list.sort((a, b) => Number(b.isHost) - Number(a.isHost) || a.name.localeCompare(b.name));
  }

  private member(
    group: GroupState,
    pseudonym: Uint8Array,
    rows: ReadonlyMap<string, Awaited<ReturnType<typeof memberRows.get>>>,
  ): Member {
    const id = memberIdOf(pseudonym);
    const isMe = equalBytes(pseudonym, this.runner.me.publicKey);
    const row = rows.get(id) ?? UNKNOWN_MEMBER;
    const isHost = this.runner.isHostKey(pseudonym);
    const isMuted = roles(group).muted.some((key) => equalBytes(key, pseudonym));
    const since = isMe ? this.runner.record().joinedAt : row.since;
    const speaker = { isHost, isMuted, since, lastAt: row.at };
    return {
      id,
      name: isMe ? this.name : row.name,
      isMe,
      isHost,
      isMuted,
      isNew: isNewcomer(this.runner.house(), speaker, this.host.context.now()),
      hidden: row.hidden === 2 ? 'blocked' : row.hidden === 1 ? 'muted' : 'no',
      pictureSeed: pictureSeedOf(pseudonym),
    };
  }

  /**
   * Says something. Resolves once it is stored here and can't be lost any more.
   * @throws SottoError ROOM_ENTERING, ROOM_MUTED, ROOM_READ_ONLY, ROOM_UNHOSTED, ROOM_SLOW, ROOM_NEWCOMER, ROOM_CLOSED,
   *   CONTENT_TOO_LONG, CONTENT_EMPTY, CONTENT_TARGET.
   */
  async send(content: string | RoomContent): Promise<SentMessage> {
    const body = toBody(typeof content === 'string' ? { type: 'text', text: content } : content);
    await this.needVoice(body);
    const forgetSpill = body.type === 'retract' ? await this.files.spillOf(hexOf(body.target)) : undefined;
    let resolve: (value: { keptUntil: number }) => void = () => undefined;
    const delivered = new Promise<{ keptUntil: number }>((done) => {
      resolve = done;
    });
    const shown = body.type === 'text' ? body : undefined;
    const id = await this.runner.step(async (step) => {
      if (!(await applyOwn(step, body))) return undefined;
      const by = { author: this.runner.me.publicKey, authorName: step.record.name };
      if (shown !== undefined) step.record = { ...step.record, saidAt: step.nowMs };
      return enqueue(step, encodeBody(body), shown && { ...by, body: shown });
    });
    if (id === undefined) throw new SottoError('CONTENT_TARGET');
    forgetSpill?.();
    const key = hexOf(id);
    this.waiting.set(key, resolve);
    this.runner.outbox.wake();
    this.hosting.hear({ type: 'flow', asked: false });
    return { id: key as MessageId, delivered };
  }

  /**
   * Sends a file, at most 25 MiB, as it is: clean pictures first (`cleanPicture`). Resolves once it is stored here; it is
   * sent in the background, also after a restart, and said in the room when all of it is at the relay, which keeps it as
   * long as a message. Progress comes by the event `transfer`.
   * @throws SottoError FILE_TOO_LARGE, CONTENT_EMPTY, SPILL_SOURCE, SPILL_STOPPED (`signal`), ROOM_NO_FILES, and what `send` throws.
   */
  async sendFile(
    input: Uint8Array | ByteSource,
    details: FileDetails,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SentMessage> {
    await this.needVoice(A_FILE);
    const taken = await this.files.files.take(input, details, options.signal);
    const id = hexOf(taken.contentId);
    const delivered = new Promise<{ keptUntil: number }>((resolve) => this.waiting.set(id, resolve));
    await this.files.add(taken);
    this.hosting.hear({ type: 'flow', asked: false });
    return { id: id as MessageId, delivered };
  }

  /** Ends the sending of a file that nobody has heard of; its message goes. @throws SottoError CONTENT_TARGET. */
  async cancelFile(id: MessageId): Promise<void> {
    const place = await this.files.cancel(id);
    this.waiting.delete(id);
    this.emitter.emit('expired', place);
  }

  /**
   * Fetches a file and keeps it on this device; goes on where an earlier try stopped. Aborting `signal` stops it.
   * @throws SottoError SPILL_GONE, SPILL_DAMAGED, SPILL_STOPPED, FILE_ABSENT, NET_…, STORE_…
   */
  download(id: MessageId, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.files.files.download(id, options.signal);
  }

  /** A file that is here: fetched, or sent from here. @throws SottoError FILE_ABSENT. */
  openFile(id: MessageId): Promise<StoredFile> {
    return this.files.files.open(id);
  }

  /** Oldest first; the newest without `before`. What I don't want to see isn't in it. */
  async history(options: { before?: Cursor; limit?: number } = {}): Promise<Message[]> {
    return this.seen(await this.history_.page(options));
  }

  async message(id: MessageId): Promise<Message | undefined> {
    const found = await this.history_.withId(id);
    return found === undefined ? undefined : filtered(found, this.filters_);
  }

  /** What others say and what happens, from now on, in the room's order, each once. */
  async *messages(): AsyncGenerator<Message, void, undefined> {
    for await (const message of this.history_.follow(this.history_.end())) {
      const shown = filtered(message, this.filters_);
      if (shown !== undefined) yield shown;
    }
  }

  async search(text: string): Promise<Message[]> {
    return this.seen(await this.history_.search(text));
  }

  private seen(list: readonly Message[]): Message[] {
    return list.flatMap((message) => filtered(message, this.filters_) ?? []);
  }

  on<E extends keyof RoomEvents>(event: E, listener: (value: RoomEvents[E]) => void): Unsubscribe {
    return this.emitter.on(event, listener);
  }

  // ── for myself ──

  get filters(): RoomFilters {
    return this.filters_;
  }

  /** Doesn't show what they say, on this device only. */
  mute(member: MemberId): Promise<void> {
    return this.hide(member, 1);
  }
  /** Nor their reactions, nor requests to talk. */
  block(member: MemberId): Promise<void> {
    return this.hide(member, 2);
  }
  unmute(member: MemberId): Promise<void> {
    return this.hide(member, 0);
  }

  /** Messages with one of these words, or with links, are shown behind a warning. */
  async setFilters(filters: Partial<Pick<RoomFilters, 'words' | 'hideLinks'>>): Promise<void> {
    const words = filters.words ?? this.filters_.words;
    const hideLinks = filters.hideLinks ?? this.filters_.hideLinks;
    await this.runner.step(async (step) => {
      const entry = { partition: this.id, key: 'filters', value: { words: words.join('\n'), hideLinks } };
      await filterRows.put(step.tx, entry, { under: roomPath(step.owner) });
    });
    await this.loadLists();
  }

  /** Nothing is told as new until then; 0 ends it. It is all still there afterwards. */
  async takeABreak(minutes: number): Promise<void> {
    await this.runner.step((step) => {
      const breakUntil = minutes > 0 ? step.nowMs + minutes * 60_000 : 0;
      step.record = { ...step.record, breakUntil };
      step.effects.push({ type: 'state' });
      return Promise.resolve();
    });
  }

  private async hide(member: MemberId, hidden: number): Promise<void> {
    await this.runner.step(async (step) => {
      const pseudonym = pseudonymFrom(member);
      await putMember(step, pseudonym, { ...(await memberOf(step, pseudonym)), hidden });
      step.effects.push({ type: 'state' });
    });
    await this.loadLists();
  }

  // ── two people ──

  /** Asks whether they want to talk in private. Nothing comes of it unless they accept. */
  talkWith(member: MemberId, words = ''): Promise<void> {
    if (isNewcomer(this.runner.house(), this.speaker(), this.host.context.now()))
      return Promise.reject(new SottoError('ROOM_NEWCOMER'));
    return this.administration.talks.ask(pseudonymFrom(member), words);
  }
  /** Requests that wait for my answer. */
  talkRequests(): Promise<TalkRequest[]> {
    return this.administration.talks.waiting();
  }
  /** The conversation begins when they come: the persona tells of it. */
  acceptTalk(id: string): Promise<void> {
    return this.administration.talks.accept(id);
  }
  declineTalk(id: string): Promise<void> {
    return this.administration.talks.decline(id);
  }

  // ── hosts ──

  /** A link that leads here: for everyone at an open or knocking door. @throws SottoError ROOM_DOOR, ROOM_NOT_HOST */
  link(): Promise<string> {
    return this.administration.doors.link();
  }
  /** Hosts: a link that lets one person in. */
  invite(): Promise<{ readonly link: string; revoke(): Promise<void> }> {
    return this.administration.doors.invite();
  }
  /** Hosts: those before the door, oldest first. */
  knocks(): Promise<Knock[]> {
    return this.administration.doors.knocks();
  }
  admit(knock: string): Promise<void> {
    return this.administration.admit(knock);
  }
  refuse(knock: string): Promise<void> {
    return this.administration.refuse(knock);
  }
  /** Hosts: takes them out; an open door lets them in again. */
  remove(member: MemberId): Promise<void> {
    return this.administration.remove(pseudonymFrom(member), false);
  }
  /** Hosts: takes them out and keeps this pseudonym out. */
  ban(member: MemberId): Promise<void> {
    return this.administration.remove(pseudonymFrom(member), true);
  }
  unban(member: MemberId): Promise<void> {
    return this.administration.unban(pseudonymFrom(member));
  }
  /** Hosts: nobody shows what they say from now on. */
  muteForAll(member: MemberId): Promise<void> {
    return this.administration.silence(pseudonymFrom(member), true);
  }
  unmuteForAll(member: MemberId): Promise<void> {
    return this.administration.silence(pseudonymFrom(member), false);
  }
  /** Hosts: takes everything that they said out of everyone's history, also when they have left. */
  removeEverythingFrom(member: MemberId): Promise<void> {
    return this.administration.removeEverythingFrom(pseudonymFrom(member));
  }
  setDoor(door: Door): Promise<void> {
    return this.administration.setDoor(door);
  }
  setMode(mode: RoomMode, options: { slowSeconds?: number } = {}): Promise<void> {
    return this.administration.setMode(mode, options.slowSeconds);
  }
  /** Hosts: shows one message to everyone who looks in; undefined takes it down. */
  pin(message: MessageId | undefined): Promise<void> {
    return this.administration.pin(message === undefined ? undefined : fromHex(message));
  }
  /** The owner: another card. */
  setCard(card: Partial<RoomCardInput>): Promise<void> {
    return this.administration.setCard(card);
  }
  /** The owner: makes a member a host beside the others, or no longer. */
  addHost(member: MemberId): Promise<void> {
    return this.administration.addHost(pseudonymFrom(member));
  }
  removeHost(member: MemberId): Promise<void> {
    return this.administration.removeHost(pseudonymFrom(member));
  }
  /** The owner: gives the room to another member, who is its owner from then on. */
  handOver(member: MemberId): Promise<void> {
    return this.administration.handOver(pseudonymFrom(member));
  }
  /** What the hosts did, for everyone to see. */
  hostLog(): Promise<HostLog> {
    const { isHost, me } = this.runner;
    const actions = this.runner.record().actionIndex;
    return this.host.context.vault.read((view) =>
      readHostLog(view, this.id, { pseudonym: me.publicKey, actions, isHost }),
    );
  }

  /** Says goodbye, then forgets the room with all its messages. The last host's going ends the room. */
  async leave(): Promise<void> {
    await this.host.context.vault.transact((tx) => tx.clear(notes, this.id));
    await this.administration.leave();
  }

  // ── inside ──

  /** @internal */
  async load(): Promise<void> {
    await this.runner.load();
    await this.loadLists();
  }
  /** @internal */
  start(): void {
    this.runner.start();
    this.files.start();
    this.hosting.start();
    this.administration.start();
  }
  /** @internal */
  stop(): void {
    this.files.files.stop();
    this.runner.stop();
    this.hosting.stop();
    this.administration.stop();
  }
  /** @internal Locked or closed: this object is over. */
  end(): void {
    this.stop();
    this.history_.close();
  }

  private async loadLists(): Promise<void> {
    const muted: MemberId[] = [];
    const blocked: MemberId[] = [];
    const lists = await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of memberRows.scan(view, this.id)) {
        if (value.hidden === 1) muted.push(key as MemberId);
        if (value.hidden === 2) blocked.push(key as MemberId);
      }
      return filterRows.get(view, this.id, 'filters');
    });
    const words = lists === undefined || lists.words === '' ? [] : lists.words.split('\n');
    this.filters_ = { muted, blocked, words, hideLinks: lists?.hideLinks ?? false };
  }

  private speaker(): Speaker {
    const { joinedAt, saidAt } = this.runner.record();
    const key = this.runner.me.publicKey;
    return {
      isHost: this.runner.isHostKey(key),
      isMuted: this.runner.isMutedKey(key),
      since: joinedAt === 0 ? 0 : joinedAt + NEWCOMER_MARGIN_MS,
      lastAt: saidAt,
    };
  }

  /** What stands against saying anything at all. */
  private obstacle(): RoomState['why'] {
    const { phase } = this.runner.record();
    if (phase === ROOM_PHASES.joining || phase === ROOM_PHASES.knocking || phase === ROOM_PHASES.entering)
      return 'entering';
    if (phase !== ROOM_PHASES.in && phase !== ROOM_PHASES.rejoining) return 'over';
    const said = { at: this.host.context.now(), isSaid: false, text: '' };
    const objection = objectionTo(this.runner.house(), this.speaker(), said);
    return objection === 'slow' || objection === 'newcomer' || objection === 'no-files'
      ? undefined
      : objection;
  }

  /** Whether the card and my time here allow files; a pause between messages doesn't count. */
  private mayShowFiles(): boolean {
    const said = { at: this.host.context.now(), isSaid: false, isFile: true, text: '' };
    return objectionTo(this.runner.house(), this.speaker(), said) === undefined;
  }

  private mustHaveVoice(what: Saying): void {
    const why = this.obstacle();
    if (why === 'entering') throw new SottoError('ROOM_ENTERING', { retry: 'later' });
    if (why === 'over') throw new SottoError('ROOM_CLOSED');
    const objection = this.objectionNow(what);
    if (objection !== undefined)
      throw new SottoError(OBJECTIONS[objection], { retry: objection === 'muted' ? 'never' : 'later' });
  }

  private async needVoice(body: Saying): Promise<void> {
    if (this.obstacle() === 'unhosted') {
      // A host who is there answers at once.
      await this.runner.sayControl({ hail: true });
      const until = Date.now() + HAIL_MS;
      while (this.obstacle() === 'unhosted' && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.mustHaveVoice(body);
  }

  private objectionNow(body: Saying): Objection | undefined {
    const isFile = body.type === 'attachment';
    const isSaid = isFile || body.type === 'text';
    const text = body.type === 'text' || body.type === 'edit' ? body.text : '';
    const said = { at: this.host.context.now(), isSaid, isFile, text };
    return objectionTo(this.runner.house(), this.speaker(), said);
  }

  private hear(effect: RoomEffect): void {
    this.hosting.hear(effect);
    this.administration.hear(effect);
    switch (effect.type) {
      case 'line':
        this.history_.announce(effect.position);
        void this.announce('message', effect.position);
        return;
      case 'changed':
        this.history_.announce(effect.position);
        void this.announce('change', effect.position);
        return;
      case 'mention':
        void this.announce('mention', effect.position);
        return;
      case 'gone':
        this.emitter.emit('gone', { id: effect.id });
        return;
      case 'delivered': {
        const keptUntil = effect.keptUntil * 1_000;
        this.waiting.get(effect.id)?.({ keptUntil });
        this.waiting.delete(effect.id);
        if (effect.keptUntil > 0) this.emitter.emit('delivered', { id: effect.id, keptUntil });
        return;
      }
      case 'state':
        this.emitter.emit('state', this.state);
        return;
      case 'knock':
        this.emitter.emit('knock', effect.knock);
        return;
      case 'talkRequest':
        this.emitter.emit('talkRequest', effect.request);
        return;
      case 'hostAction':
        this.emitter.emit('hostAction', effect.action);
        return;
      case 'talkAnswer':
        this.runner.background(async () => {
          const conversation = await this.administration.talks.answered(effect);
          const { member } = effect;
          this.emitter.emit('talkAnswer', {
            member,
            ...(conversation === undefined ? {} : { conversation }),
          });
        });
        return;
      default:
    }
  }

  private async announce(event: 'message' | 'change' | 'mention', position: number): Promise<void> {
    if (this.runner.record().breakUntil > this.host.context.now() && event !== 'change') return;
    const message = await this.history_.at(position).catch(() => undefined);
    const shown = message === undefined ? undefined : filtered(message, this.filters_);
    if (shown === undefined || (event === 'message' && 'mine' in shown && shown.mine)) return;
    this.emitter.emit(event, shown);
  }
}

function hexOf(bytes: Uint8Array): string {
  return memberIdOf(bytes);
}

/** @throws SottoError ROOM_MEMBER for what can't be a member's id. */
function pseudonymFrom(member: MemberId): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(member)) throw new SottoError('ROOM_MEMBER');
  return fromHex(member);
}

function toBody(content: RoomContent): Body {
  switch (content.type) {
    case 'text': {
      const { mentions = [], replyTo, warning = '' } = content;
      const named = mentions.map((member) => ({ member: pseudonymFrom(member) }));
      return {
        type: 'text',
        text: checked(content.text),
        warning,
        ...(replyTo === undefined ? {} : { replyTo: fromHex(replyTo) }),
        ...(named.length === 0 ? {} : { mentions: { members: named } }),
      };
    }
    case 'reaction': {
      const { target, reaction, removed = false } = content;
      return { type: 'reaction', target: fromHex(target), reaction: reactionNumber(reaction), removed };
    }
    case 'edit':
      return { type: 'edit', target: fromHex(content.target), text: checked(content.text) };
    case 'retract':
      return { type: 'retract', target: fromHex(content.target) };
  }
}

function checked(text: string): string {
  if (text === '') throw new SottoError('CONTENT_EMPTY');
  if (utf8(text).length > MAX_TEXT_BYTES - 300) throw new SottoError('CONTENT_TOO_LONG');
  return text;
}
