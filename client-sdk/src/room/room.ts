// A room as people of this SDK use it: say, read, follow, search, leave; and what its hosts do. This file only gives a
// shape to what the runner, the hosting, the doors and the parts beside them do.
import type { FileDetails, StoredFile } from '../attachment/files.ts';
import { encodeBody, MAX_NAME_BYTES } from '../content/content.ts';
import type { SentMessage } from '../conversation/conversation.ts';
import { conversationPath } from '../conversation/record.ts';
import { fromHex, utf8 } from '../crypto/index.ts';
import { SottoError } from '../errors.ts';
import { Emitter, type Unsubscribe } from '../events.ts';
import { History, type HistoryRange } from '../history/history.ts';
import type { Message, MessageId } from '../history/message.ts';
import { Notes, notes } from '../notes.ts';
import type { ByteSource } from '../spill/plan.ts';
import { readHostLog } from './actions.ts';
import { makeAdministration, type RoomAdministration } from './administration.ts';
import { pseudonymFrom, toBody } from './body.ts';
import { isHosted, isNewcomer, pauseSeconds } from './conduct.ts';
import { filtered } from './filters.ts';
import { roles } from './group/index.ts';
import { Hosting } from './hosting.ts';
import { PersonalLists } from './personal.ts';
import { memberIdOf, pictureSeedOf } from './pseudonym.ts';
import { phaseName, ROOM_PHASES } from './record.ts';
import { RoomFiles } from './room-files.ts';
import type { RoomHost } from './rooms.ts';
import { rosterOf } from './roster.ts';
import { RoomRunner } from './runner.ts';
import { applyOwn, enqueue } from './say.ts';
import type { RoomEffect } from './step.ts';
import { Telling } from './telling.ts';
import { A_FILE, Voice } from './voice.ts';
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
  private readonly telling: Telling;
  private readonly voice: Voice;
  private readonly lists: PersonalLists;

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
    this.voice = new Voice(this.runner);
    this.lists = new PersonalLists(this.runner);
    this.telling = new Telling({
      runner: this.runner,
      history: this.history_,
      emitter: this.emitter,
      filters: () => this.filters,
      state: () => this.state,
    });
    this.files = new RoomFiles({
      host,
      runner: this.runner,
      needVoice: () => {
        this.voice.mustHave(A_FILE);
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
    const me = this.voice.speaker();
    const pause = pauseSeconds(house, me, nowMs);
    const why = this.voice.obstacle();
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
      maySendFiles: why === undefined && this.voice.mayShowFiles(),
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
  members(): Promise<Member[]> {
    return rosterOf(this.runner);
  }

  /**
   * Says something. Resolves once it is stored here and can't be lost any more.
   * @throws SottoError ROOM_ENTERING, ROOM_MUTED, ROOM_READ_ONLY, ROOM_UNHOSTED, ROOM_SLOW, ROOM_NEWCOMER, ROOM_CLOSED,
   *   CONTENT_TOO_LONG, CONTENT_EMPTY, CONTENT_TARGET.
   */
  async send(content: string | RoomContent): Promise<SentMessage> {
    const body = toBody(typeof content === 'string' ? { type: 'text', text: content } : content);
    await this.voice.need(body);
    const forgetSpill = body.type === 'retract' ? await this.files.spillOf(hexOf(body.target)) : undefined;
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
    const delivered = this.telling.delivered(key);
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
    await this.voice.need(A_FILE);
    const taken = await this.files.files.take(input, details, options.signal);
    const id = hexOf(taken.contentId);
    const delivered = this.telling.delivered(id);
    await this.files.add(taken);
    this.hosting.hear({ type: 'flow', asked: false });
    return { id: id as MessageId, delivered };
  }

  /** Ends the sending of a file that nobody has heard of; its message goes. @throws SottoError CONTENT_TARGET. */
  async cancelFile(id: MessageId): Promise<void> {
    const place = await this.files.cancel(id);
    this.telling.forget(id);
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

  /** Oldest first; the newest without `before` or `from`. What I don't want to see isn't in it and doesn't count. */
  history(options: HistoryRange = {}): Promise<Message[]> {
    const filters = this.lists.now();
    return this.history_.page(options, (message) => filtered(message, filters));
  }

  async message(id: MessageId): Promise<Message | undefined> {
    const found = await this.history_.withId(id);
    return found === undefined ? undefined : filtered(found, this.lists.now());
  }

  /** What others say and what happens, from now on, in the room's order, each once. */
  async *messages(): AsyncGenerator<Message, void, undefined> {
    for await (const message of this.history_.follow(this.history_.end())) {
      const shown = filtered(message, this.lists.now());
      if (shown !== undefined) yield shown;
    }
  }

  async search(text: string): Promise<Message[]> {
    return this.seen(await this.history_.search(text));
  }

  private seen(list: readonly Message[]): Message[] {
    return list.flatMap((message) => filtered(message, this.lists.now()) ?? []);
  }

  on<E extends keyof RoomEvents>(event: E, listener: (value: RoomEvents[E]) => void): Unsubscribe {
    return this.emitter.on(event, listener);
  }

  // ── for myself ──

  get filters(): RoomFilters {
    return this.lists.now();
  }

  /** Doesn't show what they say, on this device only. */
  mute(member: MemberId): Promise<void> {
    return this.lists.hide(pseudonymFrom(member), 1);
  }
  /** Nor their reactions, nor requests to talk. */
  block(member: MemberId): Promise<void> {
    return this.lists.hide(pseudonymFrom(member), 2);
  }
  unmute(member: MemberId): Promise<void> {
    return this.lists.hide(pseudonymFrom(member), 0);
  }

  /** Messages with one of these words, or with links, are shown behind a warning. */
  async setFilters(filters: Partial<Pick<RoomFilters, 'words' | 'hideLinks'>>): Promise<void> {
    await this.lists.set(filters);
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

  // ── two people ──

  /** Asks whether they want to talk in private. Nothing comes of it unless they accept. */
  talkWith(member: MemberId, words = ''): Promise<void> {
    if (isNewcomer(this.runner.house(), this.voice.speaker(), this.host.context.now()))
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
    await this.lists.load();
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

  private hear(effect: RoomEffect): void {
    this.hosting.hear(effect);
    this.administration.hear(effect);
    this.telling.hear(effect);
    if (effect.type === 'talkAnswer') {
      this.runner.background(async () => {
        const conversation = await this.administration.talks.answered(effect);
        const { member } = effect;
        this.emitter.emit('talkAnswer', { member, ...(conversation === undefined ? {} : { conversation }) });
      });
    }
  }
}

function hexOf(bytes: Uint8Array): string {
  return memberIdOf(bytes);
}
