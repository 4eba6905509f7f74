// A persona: its invites and conversations, and the host that their runners need. Personas share no id, no connection
// and no record that links them.
import type { Conversation } from '../conversation/conversation.ts';
import { type Attribution, personaPath } from '../conversation/record.ts';
import { fromHex, randomBytes } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { Emitter, type Unsubscribe } from '../events.ts';
import type { InviteHost } from '../invite/invite-runner.ts';
import type { PromiseReport, RelaySession, SessionStatus } from '../net/index.ts';
import { Notes, notes } from '../notes.ts';
import type { Room } from '../room/room.ts';
import type { RoomHostBase } from '../room/rooms.ts';
import type { JoinOptions, RoomCardInput, RoomPreview } from '../room/types.ts';
import type { Topics } from '../topics/topics.ts';
import { ConversationsPart } from './conversations-part.ts';
import { HomeRelay } from './home-relay.ts';
import { InvitesPart, type MadeInvite } from './invites-part.ts';
import { within } from './patience.ts';
import { type PersonaRecord, personas } from './record.ts';
import { RoomPart } from './room-part.ts';
import { Sessions } from './sessions.ts';
import type { Invite, PersonaEvents, PersonaSetup, PersonaState } from './types.ts';

/** What waits stops at once while the persona is offline. */
const OFFLINE = AbortSignal.abort(new SottoError('NET_CLOSED'));

export class Persona {
  /** Local only, never sent. */
  readonly id: string;
  /** For the app; gone when it is burned. */
  readonly notes: Notes;
  private readonly setup: PersonaSetup;
  private readonly emitter = new Emitter<PersonaEvents>();
  private record: PersonaRecord;
  private readonly host: InviteHost;
  private readonly home: HomeRelay;
  private readonly invitesPart: InvitesPart;
  private readonly conversationsPart: ConversationsPart;
  private readonly roomPart: RoomPart;
  private online: { sessions: Sessions; abort: AbortController } | undefined;
  private wasMoved = false;
  private lastState: PersonaState = 'offline';

  /** @internal */
  constructor(setup: PersonaSetup, id: string, record: PersonaRecord) {
    this.setup = setup;
    this.id = id;
    this.record = record;
    this.home = this.makeHome();
    this.host = this.makeHost();
    this.invitesPart = new InvitesPart(this.host, (work) => {
      this.quietly(work);
    });
    this.conversationsPart = new ConversationsPart(this.host, (conversation) => {
      this.emitter.emit('conversation', conversation);
    });
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
    if (statuses.length === 0) return this.home.pinning ? 'connecting' : 'offline';
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
    const isOver = (): boolean => abort.signal.aborted;
    const sessions = new Sessions(this.setup.network, () => {
      this.noteState();
      this.emitter.emit('connection', this.connections());
    });
    this.online = { sessions, abort };
    await this.change(() => ({ onlineAt: this.setup.context.now() }));
    if (isOver()) return;
    this.quietly(this.home.reach(abort.signal));
    await this.conversationsPart.start(abort.signal);
    await this.invitesPart.start(abort.signal);
    if (isOver()) return;
    this.quietly(this.roomPart.start());
    this.noteState();
  }

  /** Goes offline. What is said now is sent when it is online again. */
  async disconnect(): Promise<void> {
    const { online } = this;
    if (online === undefined) return;
    this.online = undefined;
    online.abort.abort(new SottoError('NET_CLOSED'));
    this.conversationsPart.stop();
    this.roomPart.stop();
    this.invitesPart.stop();
    await online.sessions.close();
    this.noteState();
  }

  /** @internal The client locks or closes: what was handed out is over. */
  async end(): Promise<void> {
    await this.disconnect();
    this.conversationsPart.end();
    this.roomPart.end();
  }

  /** The network may be back: dial now instead of when the pause is over. */
  poke(): void {
    this.online?.sessions.poke();
  }

  /** What the relay publishes about itself, compared with what was seen. */
  async promise(): Promise<PromiseReport> {
    const home = await this.home.need();
    return this.needOnline().sessions.get(home, 'home').promise();
  }

  invites(): Promise<Invite[]> {
    return this.invitesPart.list();
  }

  /**
   * A link that leads to a conversation with this persona: for one person, or standing, for many. Resolves once it can
   * be used, even if this device then goes offline.
   * @throws SottoError PERSONA_NO_RELAY, NET_UNREACHABLE (the invite stays among `invites()` and is completed later).
   */
  createInvite(options: { kind?: 'once' | 'standing' } = {}): Promise<MadeInvite> {
    return this.makeInvite(options.kind ?? 'once');
  }

  private async makeInvite(
    kind: 'once' | 'standing',
    from?: { attribution: Attribution; name: string },
  ): Promise<MadeInvite> {
    this.needLife();
    this.needOnline();
    const pin = await this.home.need();
    const origin = this.setup.origin ?? pin.relay;
    const attribution = from === undefined ? {} : { attribution: from.attribution };
    return this.invitesPart.make({ kind, pin, origin, ownName: from?.name ?? this.name, ...attribution });
  }

  /**
   * Accepts an invite. Resolves once the link is ours: what is said from then on can't be lost.
   * @throws SottoError INVITE_USED, INVITE_GONE, INVITE_EXPIRED, INVITE_DAMAGED, INVITE_VERSION, INVITE_OWN,
   *   INVITE_KIND, NET_RELAY_KEY, NET_UNREACHABLE; WireError WIRE_LINK_…
   * @param options - `securing` hears of the conversation a round trip earlier, so that it can be shown; where somebody
   *   else turns out to have the link, it is gone again.
   */
  accept(
    text: string,
    options: { securing?: (conversation: Conversation) => void } = {},
  ): Promise<Conversation> {
    return this.acceptLink(text, options);
  }

  private async acceptLink(
    text: string,
    options: {
      from?: { attribution: Attribution; name: string };
      securing?: (conversation: Conversation) => void;
    },
  ): Promise<Conversation> {
    const { from, securing } = options;
    this.needLife();
    return this.conversationsPart.accept(text, {
      ownName: from?.name ?? this.name,
      ...(from === undefined ? {} : { attribution: from.attribution }),
      home: () => this.home.pin(),
      securing: (conversation) => securing?.(conversation),
      ahead: (link) => this.setup.network.ahead?.()?.slot(link),
      needOnline: () => {
        this.needOnline();
      },
    });
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
  conversations(): Promise<Conversation[]> {
    return this.conversationsPart.list();
  }

  /** The name that newcomers see from now on, and those who are told. */
  async rename(name: string): Promise<void> {
    await this.change(() => ({ name }));
    for (const conversation of await this.conversations()) {
      await conversation.runner.rename(name).catch((error: unknown) => {
        if (!hasCode(error, 'CONVERSATION_CLOSED')) throw error;
      });
    }
  }

  /** Tells everyone that this persona is no more, withdraws its invites, and closes. Its histories stay until `burn`. */
  async retire(): Promise<void> {
    await this.change(() => ({ retired: true }));
    for (const invite of await this.invites()) this.quietly(invite.revoke());
    for (const conversation of await this.conversations()) await conversation.runner.retire();
    await this.roomPart.retire();
  }

  /** Destroys all its keys at once, then what the relay still keeps, as far as it can be reached. */
  async burn(): Promise<void> {
    const { vault } = this.setup.context;
    const deletions = [
      ...(await this.conversationsPart.prepareDeletions()),
      ...(await this.invitesPart.prepareDeletions()),
      ...(await this.roomPart.prepareDeletions()),
    ];
    await vault.transact(async (tx) => {
      await this.conversationsPart.forgetAll(tx);
      await this.invitesPart.forgetAll(tx);
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

  private makeHome(): HomeRelay {
    return new HomeRelay({
      context: this.setup.context,
      network: this.setup.network,
      record: () => this.record,
      keep: async (relayKey) => {
        await this.change(() => ({ relayKey }));
      },
      sessions: () => this.online?.sessions,
      changed: () => {
        this.noteState();
      },
    });
  }

  /** One host for the persona's life: what it gives follows the persona online and offline. */
  private makeHost(): InviteHost {
    const online = () => this.online;
    const { home } = this;
    return {
      context: this.setup.context,
      personaId: this.id,
      get stopped() {
        return online()?.abort.signal ?? OFFLINE;
      },
      get home() {
        return home.known();
      },
      session: (pin, purpose): RelaySession => {
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
      conversation: (id) => this.conversationsPart.get(id).runner,
      begun: (id) => {
        this.quietly(this.conversationsPart.welcome(id));
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
      home: () => this.home.need(),
      roomSeed: () => this.roomSeed(),
      invite: async (attribution, as) => (await this.makeInvite('once', { attribution, name: as })).link,
      accept: async (link, attribution, as) =>
        (await this.acceptLink(link, { from: { attribution, name: as } })).id,
    };
    return Object.create(this.host, Object.getOwnPropertyDescriptors(own)) as RoomHostBase;
  }

  /** Made when first asked for; everyone who asks gets the one that is written down. */
  private async roomSeed(): Promise<Uint8Array> {
    const made = this.record.roomSeed ?? randomBytes(32);
    const { roomSeed = made } = await this.change((stored) => ({ roomSeed: stored.roomSeed ?? made }));
    return roomSeed;
  }

  private async change(fields: (stored: PersonaRecord) => Partial<PersonaRecord>): Promise<PersonaRecord> {
    return this.setup.context.vault.transact(async (tx) => {
      const stored = (await personas.get(tx, '', this.id)) ?? this.record;
      this.record = { ...stored, ...fields(stored), id: fromHex(this.id) };
      await personas.put(
        tx,
        { partition: '', key: this.id, value: this.record },
        { under: personaPath(this.id) },
      );
      return this.record;
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
