// A persona: its invites and conversations, and the host that their runners need. Personas share no id, no connection
// and no record that links them.
import type { Link } from '@sotto/wire';
import { Backoff, pause } from '../context.ts';
import { forgetConversation, forgetInvite } from '../conversation/forget.ts';
import { Conversation } from '../conversation/conversation.ts';
import type { RelayPin } from '../conversation/mailbox.ts';
import {
  type Attribution,
  CLOSED_BY,
  conversations,
  KINDS,
  personaPath,
  PHASES,
} from '../conversation/record.ts';
import type { ConversationRunner } from '../conversation/runner.ts';
import { fromHex, randomBytes } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { Emitter, type Unsubscribe } from '../events.ts';
import { beginConversation, findAccepted, parseInvite, readInvite } from '../invite/accept.ts';
import { prepareInvite } from '../invite/create.ts';
import { type InviteHost, InviteRunner } from '../invite/invite-runner.ts';
import { INVITE_STATES, type InviteRecord, invites } from '../invite/record.ts';
import type { PromiseReport, RelaySession, SessionStatus } from '../net/index.ts';
import { Notes, notes } from '../notes.ts';
import type { Room } from '../room/room.ts';
import type { RoomHostBase } from '../room/rooms.ts';
import type { JoinOptions, RoomCardInput, RoomPreview } from '../room/types.ts';
import type { Topics } from '../topics/topics.ts';
import { unlessRefused, within } from './patience.ts';
import { fetchRelayKey } from './pin.ts';
import { type PersonaRecord, personas } from './record.ts';
import { RoomPart } from './room-part.ts';
import { Sessions } from './sessions.ts';
import type { Invite, PersonaEvents, PersonaSetup, PersonaState } from './types.ts';

const ROTATION_CHECK_MS = 3_600_000;
/** What waits stops at once while the persona is offline. */
const OFFLINE = AbortSignal.abort(new SottoError('NET_CLOSED'));

export class Persona {
  /** Local only, never sent. */
  readonly id: string;
  /** For the app; gone when it is burned. */
  readonly notes: Notes;
  private readonly setup: PersonaSetup;
  private readonly emitter = new Emitter<PersonaEvents>();
  private readonly open = new Map<string, Conversation>();
  private readonly inviteRunners = new Map<string, InviteRunner>();
  private record: PersonaRecord;
  private readonly host: InviteHost;
  private readonly roomPart: RoomPart;
  private online: { sessions: Sessions; abort: AbortController; rotation: unknown } | undefined;
  private wasMoved = false;
  private pinning = false;
  private fetching: Promise<Uint8Array> | undefined;
  private lastState: PersonaState = 'offline';

  /** @internal */
  constructor(setup: PersonaSetup, id: string, record: PersonaRecord) {
    this.setup = setup;
    this.id = id;
    this.record = record;
    this.host = this.makeHost();
    this.roomPart = new RoomPart(this.makeRoomHost(), (room) => {
      this.emitter.emit('room', room);
    });
    this.notes = new Notes(setup.context.vault, id, personaPath(id));
  }

  get name(): string {
    return this.record.name;
  }
  /** The relay where its mailboxes are made, if it has one of its own. */
  get relay(): string | undefined {
    return this.record.relay === '' ? undefined : this.record.relay;
  }
  get retired(): boolean {
    return this.record.retired;
  }
  get createdAt(): number {
    return this.record.createdAt;
  }

  get state(): PersonaState {
    if (this.wasMoved) return 'moved';
    const statuses = this.online?.sessions.statuses().map((status) => status.state) ?? [];
    if (statuses.length === 0) return this.pinning ? 'connecting' : 'offline';
    if (statuses.includes('refused')) return 'refused';
    if (statuses.every((state) => state === 'online')) return 'online';
    return statuses.includes('connecting') ? 'connecting' : 'offline';
  }

  /** Its connections: to its own relay and to those of people who made it an invite. */
  connections(): readonly SessionStatus[] {
    return this.online?.sessions.statuses() ?? [];
  }

  on<E extends keyof PersonaEvents>(event: E, listener: (value: PersonaEvents[E]) => void): Unsubscribe {
    return this.emitter.on(event, listener);
  }

  /** Goes online: reads, sends, keeps its mailboxes. By default it takes the place of the persona that was online. */
  async connect(): Promise<void> {
    if (this.online !== undefined || this.wasMoved) return;
    await this.setup.beforeConnect(this);
    const abort = new AbortController();
    const sessions = new Sessions(this.setup.network, () => {
      this.noteState();
      this.emitter.emit('connection', this.connections());
    });
    const rotation = setInterval(() => {
      for (const runner of this.inviteRunners.values()) this.quietly(runner.refresh());
    }, ROTATION_CHECK_MS);
    (rotation as { unref?: () => void }).unref?.();
    this.online = { sessions, abort, rotation };
    await this.change({ onlineAt: this.setup.context.now() });
    await this.loadAll();
    this.quietly(this.reachHome(abort.signal));
    for (const conversation of this.open.values()) conversation.start();
    for (const runner of this.inviteRunners.values()) this.quietly(runner.start());
    this.quietly(this.roomPart.start());
    this.noteState();
  }

  /** Goes offline. What is said now is sent when it is online again. */
  async disconnect(): Promise<void> {
    const { online } = this;
    if (online === undefined) return;
    this.online = undefined;
    clearInterval(online.rotation as ReturnType<typeof setInterval>);
    online.abort.abort(new SottoError('NET_CLOSED'));
    for (const conversation of this.open.values()) conversation.stop();
    this.roomPart.stop();
    for (const runner of this.inviteRunners.values()) runner.stop();
    this.inviteRunners.clear();
    await online.sessions.close();
    this.noteState();
  }

  /** @internal The client locks or closes: what was handed out is over. */
  async end(): Promise<void> {
    await this.disconnect();
    for (const conversation of this.open.values()) conversation.end();
    this.open.clear();
    this.roomPart.end();
  }

  /** The network may be back: dial now instead of when the pause is over. */
  poke(): void {
    this.online?.sessions.poke();
  }

  /** What the relay publishes about itself, compared with what was seen. */
  async promise(): Promise<PromiseReport> {
    const home = await this.home();
    if (home === undefined) throw new SottoError('PERSONA_NO_RELAY');
    return this.needOnline().sessions.get(home, 'home').promise();
  }

  async invites(): Promise<Invite[]> {
    const found: Invite[] = [];
    await this.setup.context.vault.read(async (view) => {
      for await (const { key, value } of invites.scan(view, this.id)) {
        if (value.state <= INVITE_STATES.open) found.push(this.toInvite(key, value));
      }
    });
    return found.sort((a, b) => a.createdAt - b.createdAt);
  }

  /**
   * A link that leads to a conversation with this persona: for one person, or standing, for many. Resolves once it can
   * be used, even if this device then goes offline.
   * @throws SottoError PERSONA_NO_RELAY, NET_UNREACHABLE (the invite stays among `invites()` and is completed later).
   */
  createInvite(
    options: { kind?: 'once' | 'standing' } = {},
  ): Promise<{ readonly id: string; readonly link: string; revoke(): Promise<void> }> {
    return this.makeInvite(options.kind ?? 'once');
  }

  private async makeInvite(
    kind: 'once' | 'standing',
    from?: { attribution: Attribution; name: string },
  ): Promise<{ readonly id: string; readonly link: string; revoke(): Promise<void> }> {
    this.needLife();
    this.needOnline();
    const pin = await this.home();
    if (pin === undefined) throw new SottoError('PERSONA_NO_RELAY');
    const origin = this.setup.origin ?? pin.relay;
    const attribution = from === undefined ? {} : { attribution: from.attribution };
    const wish = { personaId: this.id, kind, pin, origin, ownName: from?.name ?? this.name, ...attribution };
    const { id, link } = await prepareInvite(this.setup.context, wish);
    const runner = new InviteRunner(this.host, id);
    this.inviteRunners.set(id, runner);
    await within(this.setup.context.pace.patienceMs, runner.start());
    return { id, link, revoke: () => this.revoke(id) };
  }

  /**
   * Accepts an invite. Resolves once the link is ours: what is said from then on can't be lost.
   * @throws SottoError INVITE_USED, INVITE_GONE, INVITE_EXPIRED, INVITE_DAMAGED, INVITE_VERSION, INVITE_OWN,
   *   INVITE_KIND, NET_RELAY_KEY, NET_UNREACHABLE; WireError WIRE_LINK_…
   */
  accept(text: string): Promise<Conversation> {
    return this.acceptLink(text);
  }

  private async acceptLink(
    text: string,
    from?: { attribution: Attribution; name: string },
  ): Promise<Conversation> {
    this.needLife();
    const { context } = this.setup;
    const link = parseInvite(text);
    const known = await findAccepted(context, this.id, link);
    const id = known ?? (await within(context.pace.patienceMs, this.begin(link, from)));
    const conversation = await this.adopt(id);
    if ((await conversation.runner.record()).phase === PHASES.securing) await this.secure(conversation);
    if (known === undefined) {
      conversation.start();
      this.emitter.emit('conversation', conversation);
    }
    return conversation;
  }

  /**
   * A room of one's own making: one is its host.
   * @throws SottoError ROOM_CARD_BAD, PERSONA_NO_RELAY, NET_UNREACHABLE
   */
  async createRoom(card: RoomCardInput): Promise<Room> {
    this.needLife();
    this.needOnline();
    return (await this.roomPart.rooms()).create(card);
  }

  /** What lies behind a room's link, to be read before entering. @throws SottoError ROOM_KIND, ROOM_GONE, ROOM_CARD_BAD */
  async lookAtRoom(link: string): Promise<RoomPreview> {
    this.needOnline();
    return (await this.roomPart.rooms()).look(link);
  }

  /**
   * Comes into a room, or knocks at its door: `state.phase` says how far one is.
   * @throws SottoError ROOM_KIND, ROOM_GONE, ROOM_CARD_BAD, ROOM_FULL, ROOM_DOOR, NET_UNREACHABLE; WireError WIRE_LINK_…
   */
  async joinRoom(link: string, options?: JoinOptions): Promise<Room> {
    this.needLife();
    this.needOnline();
    return (await this.roomPart.rooms()).join(link, options);
  }

  /** All that are not left, oldest first. */
  rooms(): Promise<Room[]> {
    return this.roomPart.list();
  }

  /** Reading, keeping and joining by directories of rooms. */
  topics(): Promise<Topics> {
    this.needOnline();
    return this.roomPart.topics();
  }

  /** All that are not left, oldest first. */
  async conversations(): Promise<Conversation[]> {
    const rows: { id: string; createdAt: number }[] = [];
    await this.setup.context.vault.read(async (view) => {
      for await (const { key, value } of conversations.scan(view, this.id)) {
        if (value.phase === PHASES.leaving && value.closedBy !== CLOSED_BY.retired) continue;
        if (value.closedBy !== CLOSED_BY.used) rows.push({ id: key, createdAt: value.createdAt });
      }
    });
    rows.sort((a, b) => a.createdAt - b.createdAt);
    return Promise.all(rows.map((row) => this.adopt(row.id)));
  }

  /** The name that newcomers see from now on, and those who are told. */
  async rename(name: string): Promise<void> {
    await this.change({ name });
    for (const conversation of await this.conversations()) {
      await conversation.runner.rename(name).catch((error: unknown) => {
        if (!hasCode(error, 'CONVERSATION_CLOSED')) throw error;
      });
    }
  }

  /** Tells everyone that this persona is no more, withdraws its invites, and closes. Its histories stay until `burn`. */
  async retire(): Promise<void> {
    await this.change({ retired: true });
    for (const invite of await this.invites()) this.quietly(invite.revoke());
    for (const conversation of await this.conversations()) await conversation.runner.retire();
    await this.roomPart.retire();
  }

  /** Destroys all its keys at once, then what the relay still keeps, as far as it can be reached. */
  async burn(): Promise<void> {
    const { vault } = this.setup.context;
    const runners = [...this.open.values()].map((conversation) => conversation.runner);
    const deletions = await Promise.all(runners.map((runner) => runner.prepareDeletion()));
    for (const runner of this.inviteRunners.values()) deletions.push(await runner.prepareDeletion());
    deletions.push(...(await this.roomPart.prepareDeletions()));
    await vault.transact(async (tx) => {
      const conversationIds: string[] = [];
      const inviteIds: string[] = [];
      for await (const { key } of conversations.scan(tx, this.id)) conversationIds.push(key);
      for await (const { key } of invites.scan(tx, this.id)) inviteIds.push(key);
      for (const id of conversationIds) await forgetConversation(tx, this.id, id);
      for (const id of inviteIds) await forgetInvite(tx, this.id, id);
      await this.roomPart.forgetAll(tx);
      await tx.clear(notes, this.id);
      personas.del(tx, '', this.id);
      tx.eraseKey(personaPath(this.id));
    });
    const patience = Math.min(3_000, this.setup.context.pace.patienceMs);
    await within(patience, Promise.allSettled(deletions.map((run) => run()))).catch(() => undefined);
    await this.end();
    this.setup.gone(this);
  }

  // ── inside ──

  private async begin(link: Link, from?: { attribution: Attribution; name: string }): Promise<string> {
    this.needOnline();
    const session = this.host.session(link, 'accept');
    const bundle = await unlessRefused(session, readInvite(this.setup.context, session, link));
    return beginConversation(this.host, link, bundle, {
      home: await this.home(),
      ownName: from?.name ?? this.name,
      ...(from === undefined ? {} : { attribution: from.attribution }),
    });
  }

  private async secure(conversation: Conversation): Promise<void> {
    try {
      await within(this.setup.context.pace.patienceMs, conversation.runner.secure());
      await conversation.load();
    } catch (error) {
      if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) throw error;
      conversation.stop();
      this.open.delete(conversation.id);
      await this.setup.context.vault.transact((tx) => forgetConversation(tx, this.id, conversation.id));
      throw new SottoError('INVITE_USED', { cause: error });
    }
  }

  /** The relay for own mailboxes, its key pinned now if it wasn't. */
  private async home(): Promise<RelayPin | undefined> {
    const { relay, relayKey } = this.record;
    if (relay === '') return undefined;
    if (relayKey !== undefined) return { relay, relayKey };
    // Someone's invite led to the same relay, and it answered under the key that the link names: as good a first use.
    const shown = this.online?.sessions.keyShownBy(relay);
    const pin = { relay, relayKey: shown ?? (await this.fetchKey(relay)) };
    // Another call may have pinned it meanwhile; then that one counts.
    if (this.record.relayKey !== undefined) return { relay, relayKey: this.record.relayKey };
    await this.change({ relayKey: pin.relayKey });
    this.online?.sessions.get(pin, 'home');
    return pin;
  }

  /** Asked once, however many wait for it. */
  private fetchKey(relay: string): Promise<Uint8Array> {
    this.fetching ??= fetchRelayKey(relay, this.setup.network).finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  /** Connects to the own relay, also where nothing is read or written there yet: people see whether it answers. */
  private async reachHome(stopped: AbortSignal): Promise<void> {
    const backoff = new Backoff(this.setup.context.pace);
    this.pinning = this.record.relay !== '';
    for (;;) {
      try {
        const home = await this.home();
        if (home !== undefined && !stopped.aborted) this.online?.sessions.get(home, 'home');
        break;
      } catch (error) {
        if (!hasCode(error, 'NET_UNREACHABLE') || stopped.aborted) throw error;
        this.noteState();
        await pause(backoff.nextMs(), stopped);
      }
    }
    this.pinning = false;
    this.noteState();
  }

  /** One host for the persona's life: what it gives follows the persona online and offline. */
  private makeHost(): InviteHost {
    const online = () => this.online;
    const pinned = (): RelayPin | undefined => {
      const { relay, relayKey } = this.record;
      return relayKey === undefined ? undefined : { relay, relayKey };
    };
    return {
      context: this.setup.context,
      personaId: this.id,
      get stopped() {
        return online()?.abort.signal ?? OFFLINE;
      },
      get home() {
        return pinned();
      },
      session: (pin: RelayPin, purpose: string): RelaySession => {
        const sessions = online()?.sessions;
        if (sessions === undefined) throw new SottoError('NET_CLOSED');
        return sessions.get(pin, purpose);
      },
      moved: () => {
        this.noteMoved();
      },
      trouble: (error) => {
        if (!hasCode(error, 'NET_CLOSED') && online() !== undefined) this.emitter.emit('trouble', error);
      },
      conversation: (id) => this.runnerOf(id),
      begun: (id) => {
        const conversation = this.open.get(id);
        if (conversation === undefined) return;
        this.quietly(
          conversation.load().then(() => {
            this.emitter.emit('conversation', conversation);
            // One that came by a standing address reads its own mailbox only after the first answer.
            if (conversation.state.kind === 'standing') conversation.start();
          }),
        );
      },
    };
  }

  private makeRoomHost(): RoomHostBase {
    const name = () => this.name;
    const origin = (relay: string): string => this.setup.origin ?? relay;
    const own: Omit<RoomHostBase, keyof InviteHost> & Pick<RoomHostBase, 'home'> = {
      get name() {
        return name();
      },
      origin,
      home: async () => {
        const pin = await this.home();
        if (pin === undefined) throw new SottoError('PERSONA_NO_RELAY');
        return pin;
      },
      roomSeed: async () => {
        if (this.record.roomSeed === undefined) await this.change({ roomSeed: randomBytes(32) });
        return this.record.roomSeed ?? randomBytes(32);
      },
      invite: async (attribution, as) => (await this.makeInvite('once', { attribution, name: as })).link,
      accept: async (link, attribution, as) => (await this.acceptLink(link, { attribution, name: as })).id,
    };
    return Object.create(this.host, Object.getOwnPropertyDescriptors(own)) as RoomHostBase;
  }

  private runnerOf(id: string): ConversationRunner {
    return this.conversationOf(id).runner;
  }

  private conversationOf(id: string): Conversation {
    const known = this.open.get(id);
    if (known !== undefined) return known;
    const conversation = new Conversation(this.host, id, (closed) => {
      if (closed.state.phase === 'closed' && closed.state.closedBy === 'me') this.open.delete(closed.id);
    });
    this.open.set(id, conversation);
    return conversation;
  }

  private async adopt(id: string): Promise<Conversation> {
    const conversation = this.conversationOf(id);
    await conversation.load();
    return conversation;
  }

  private async loadAll(): Promise<void> {
    await this.conversations();
    const used: string[] = [];
    await this.setup.context.vault.read(async (view) => {
      for await (const { key, value } of invites.scan(view, this.id)) {
        if (value.state === INVITE_STATES.used) used.push(key);
        if (value.state === INVITE_STATES.used) continue;
        const runner = new InviteRunner(this.host, key);
        // Withdrawn, and killed before the relay heard of it.
        if (value.state === INVITE_STATES.revoked) this.quietly(runner.revoke());
        else this.inviteRunners.set(key, runner);
      }
    });
    // Their mailboxes belong to conversations now; nothing of the invite is needed any more.
    for (const id of used) await this.setup.context.vault.transact((tx) => forgetInvite(tx, this.id, id));
  }

  private toInvite(id: string, value: InviteRecord): Invite {
    return {
      id,
      kind: value.kind === KINDS.standing ? 'standing' : 'once',
      link: value.link,
      createdAt: value.createdAt,
      ...(value.expires === 0 ? {} : { expiresAt: value.expires * 1_000 }),
      revoke: () => this.revoke(id),
    };
  }

  private async revoke(id: string): Promise<void> {
    const runner = this.inviteRunners.get(id) ?? new InviteRunner(this.host, id);
    this.inviteRunners.delete(id);
    await runner.revoke();
  }

  private async change(fields: Partial<PersonaRecord>): Promise<void> {
    await this.setup.context.vault.transact(async (tx) => {
      const stored = (await personas.get(tx, '', this.id)) ?? this.record;
      this.record = { ...stored, ...fields, id: fromHex(this.id) };
      await personas.put(
        tx,
        { partition: '', key: this.id, value: this.record },
        { under: personaPath(this.id) },
      );
    });
  }

  private needOnline() {
    if (this.wasMoved) throw new SottoError('PERSONA_MOVED');
    if (this.online === undefined) throw new SottoError('PERSONA_OFFLINE', { retry: 'later' });
    return this.online;
  }

  private needLife(): void {
    if (this.record.retired) throw new SottoError('PERSONA_RETIRED');
  }

  private noteMoved(): void {
    if (this.wasMoved) return;
    this.wasMoved = true;
    this.quietly(this.disconnect());
  }

  private noteState(): void {
    const { state } = this;
    if (state === this.lastState) return;
    this.lastState = state;
    this.emitter.emit('state', state);
  }

  private quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!hasCode(error, 'NET_CLOSED')) this.emitter.emit('trouble', error);
    });
  }
}
