// An open profile: its personas, which of them are online, and their conversations, kept equal to what the SDK says.
// Begins when the store was opened and ends with it. Not its concern: how it is opened (desk.ts), one conversation's
// messages (talk.ts).
import {
  type CircleWish,
  type Client,
  Conversation,
  type Directory,
  type JoinOptions,
  type Persona,
  type Room,
  type RoomCardInput,
  type RoomPreview,
} from '@sotto/client';
import type { ConversationView, InviteView, PersonaView, PromiseView } from '../backend/backend.ts';
import { WebError } from '../errors.ts';
import type { Outgoing } from './outgoing.ts';
import type { TalkSetup } from './base-talk.ts';
import { RoomTalk } from './room-talk.ts';
import { Talk } from './talk.ts';
import { connectionView, promiseView } from './views.ts';

const PICTURE = 'picture';
const ONLINE = 'online';
const STAYING = 'staying';
/** After going online, so that it isn't in the way of messages. */
const PROMISE_AFTER_MS = 4_000;

interface Self {
  readonly persona: Persona;
  readonly pictureSeed: Uint8Array;
  readonly stops: (() => void)[];
}

type AnyTalk = Talk | RoomTalk;

export class Session {
  private readonly client: Client;
  private readonly outgoing: Outgoing;
  private readonly selves = new Map<string, Self>();
  private readonly talks = new Map<string, AnyTalk>();
  /** Conversations that are being taken in: an event and a list may tell of one at the same time. */
  private readonly adopting = new Map<string, Promise<AnyTalk>>();
  private online = new Set<string>();
  /** Personas that stay online while another one is used. */
  private staying = new Set<string>();
  private promiseTimer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(client: Client, outgoing: Outgoing) {
    this.client = client;
    this.outgoing = outgoing;
  }

  /** Shows what is stored, then goes online as it was before. */
  async start(): Promise<void> {
    const stored = await this.client.notes.get(ONLINE);
    const personas = await this.client.personas();
    for (const persona of personas) await this.addSelf(persona);
    const wanted = stored === undefined ? personas.slice(0, 1).map(({ id }) => id) : readIds(stored);
    this.online = new Set(wanted.filter((id) => this.selves.has(id)));
    const staying = readIds((await this.client.notes.get(STAYING)) ?? new Uint8Array());
    this.staying = new Set(staying.filter((id) => this.selves.has(id)));
    for (const persona of personas) if (!this.online.has(persona.id)) await this.adoptAll(persona);
    for (const id of this.online) await this.connect(this.self(id).persona);
    this.tellAll();
    this.outgoing.flush();
  }

  tellAll(): void {
    this.personasChanged();
    this.listChanged();
    this.connectionChanged();
  }

  // ── personas ──

  async createPersona(options: {
    name: string;
    relay: string;
    pictureSeed?: Uint8Array;
  }): Promise<PersonaView> {
    const persona = await this.client.createPersona({ name: options.name, relay: options.relay });
    if (options.pictureSeed !== undefined) await persona.notes.set(PICTURE, options.pictureSeed);
    await this.addSelf(persona);
    await this.setOnline(persona.id, true);
    return this.personaView(this.self(persona.id));
  }

  async setOnline(id: string, online: boolean): Promise<void> {
    const { persona } = this.self(id);
    if (online) {
      const resting = [...this.online].filter((other) => other !== id && !this.staying.has(other));
      for (const other of resting) await this.disconnect(this.self(other).persona);
      await this.connect(persona);
    } else await this.disconnect(persona);
    await this.note(ONLINE, this.online);
    this.tellAll();
  }

  async setStays(id: string, stays: boolean): Promise<void> {
    const { persona } = this.self(id);
    if (stays) this.staying.add(id);
    else this.staying.delete(id);
    await this.note(STAYING, this.staying);
    if (stays && !this.online.has(id)) await this.connect(persona);
    await this.note(ONLINE, this.online);
    this.tellAll();
  }

  async retire(id: string): Promise<void> {
    await this.ensureOnline(id);
    await this.self(id).persona.retire();
    this.tellAll();
  }

  async burn(id: string): Promise<void> {
    const self = this.self(id);
    for (const talk of this.talksOf(id)) this.forget(talk.id);
    await self.persona.burn();
    for (const stop of self.stops) stop();
    this.selves.delete(id);
    this.online.delete(id);
    this.staying.delete(id);
    this.tellAll();
  }

  // ── invites ──

  async createInvite(id: string): Promise<InviteView> {
    await this.ensureOnline(id);
    const { persona } = this.self(id);
    const made = await persona.createInvite();
    const listed = (await this.invites(id)).find((invite) => invite.id === made.id);
    return listed ?? { id: made.id, persona: id, link: made.link };
  }

  async invites(id: string): Promise<InviteView[]> {
    const invites = await this.self(id).persona.invites();
    return invites.map((invite) => ({
      id: invite.id,
      persona: id,
      link: invite.link,
      ...(invite.expiresAt === undefined ? {} : { until: invite.expiresAt }),
    }));
  }

  async revokeInvite(inviteId: string): Promise<void> {
    for (const [id, { persona }] of this.selves) {
      const found = (await persona.invites()).find((invite) => invite.id === inviteId);
      if (found === undefined) continue;
      await this.ensureOnline(id);
      await found.revoke();
      return;
    }
  }

  /** @param as - A persona's id; undefined where there is one only. */
  async accept(as: string | undefined, link: string): Promise<ConversationView> {
    const id = as ?? [...this.selves.keys()][0] ?? '';
    await this.ensureOnline(id);
    const { persona } = this.self(id);
    let shown: Promise<AnyTalk> | undefined;
    try {
      const accepted = await persona.accept(link, {
        securing: (conversation) => {
          shown = this.showSecuring(persona, conversation);
        },
      });
      const talk = await this.adopt(persona, accepted);
      this.listChanged();
      return talk.view();
    } catch (error) {
      const talk = await shown?.catch(() => undefined);
      if (talk !== undefined) this.forget(talk.id);
      throw error;
    }
  }

  // ── conversations ──

  /** @throws CONVERSATION_GONE */
  talk(id: string): AnyTalk {
    return this.talks.get(id) ?? gone();
  }

  /** A conversation of two. @throws CONVERSATION_GONE */
  pair(id: string): Talk {
    const talk = this.talks.get(id);
    return talk instanceof Talk ? talk : gone();
  }

  /** @throws CONVERSATION_GONE */
  room(id: string): RoomTalk {
    const talk = this.talks.get(id);
    return talk instanceof RoomTalk ? talk : gone();
  }

  allTalks(): readonly AnyTalk[] {
    return [...this.talks.values()];
  }

  async leave(id: string): Promise<void> {
    const talk = this.talk(id);
    this.forget(id);
    await talk.source.leave();
  }

  // ── rooms ──

  async directory(id: string): Promise<Directory | undefined> {
    const link = SOTTO_SITE.directory;
    if (link === '') return undefined;
    await this.ensureOnline(id);
    return (await this.self(id).persona.topics()).open(link);
  }

  async lookAtRoom(id: string, link: string): Promise<RoomPreview> {
    await this.ensureOnline(id);
    return this.self(id).persona.lookAtRoom(link);
  }

  async joinRoom(id: string, link: string, options: JoinOptions): Promise<ConversationView> {
    await this.ensureOnline(id);
    return this.enter(id, await this.self(id).persona.joinRoom(link, options));
  }

  async joinCircle(id: string, wish: CircleWish): Promise<ConversationView> {
    await this.ensureOnline(id);
    const topics = await this.self(id).persona.topics();
    return this.enter(id, await topics.joinCircle(SOTTO_SITE.directory, wish));
  }

  async createRoom(id: string, card: RoomCardInput): Promise<ConversationView> {
    await this.ensureOnline(id);
    return this.enter(id, await this.self(id).persona.createRoom(card));
  }

  private async enter(id: string, room: Room): Promise<ConversationView> {
    const talk = await this.adopt(this.self(id).persona, room);
    this.listChanged();
    // Whoever waits for this goes there next: the list must know it by then.
    this.outgoing.flush();
    return talk.view();
  }

  // ── network ──

  poke(): void {
    for (const id of this.online) this.selves.get(id)?.persona.poke();
  }

  async promise(): Promise<PromiseView> {
    const [id] = this.online;
    const persona = id === undefined ? undefined : this.selves.get(id)?.persona;
    if (persona === undefined) throw new WebError('WEB_NOT_OPEN');
    const view = promiseView(persona.relay ?? '', await persona.promise());
    this.outgoing.add({ type: 'promise', view });
    return view;
  }

  /** Writes what is still to be written and stops telling; the client is closed by whoever opened it. */
  async end(): Promise<void> {
    this.stop();
    await Promise.allSettled([...this.talks.values()].map((talk) => talk.close()));
  }

  /** Stops telling, at once. */
  stop(): void {
    this.ended = true;
    clearTimeout(this.promiseTimer);
    for (const { stops } of this.selves.values()) for (const stop of stops.splice(0)) stop();
    for (const talk of this.talks.values()) talk.stop();
  }

  // ── inside ──

  private async note(name: string, ids: ReadonlySet<string>): Promise<void> {
    await this.client.notes.set(name, new TextEncoder().encode(JSON.stringify([...ids])));
  }

  private self(id: string): Self {
    const self = this.selves.get(id);
    if (self === undefined) throw new WebError('WEB_NOT_OPEN');
    return self;
  }

  private talksOf(personaId: string): AnyTalk[] {
    return [...this.talks.values()].filter(({ persona }) => persona === personaId);
  }

  private async addSelf(persona: Persona): Promise<void> {
    if (this.selves.has(persona.id)) return;
    const pictureSeed = (await persona.notes.get(PICTURE)) ?? (await seedFrom(persona.id));
    const stops = [
      persona.on('conversation', (conversation) => {
        this.quietly(
          this.adopt(persona, conversation).then(() => {
            this.listChanged();
          }),
        );
      }),
      persona.on('room', (room) => {
        this.quietly(
          this.adopt(persona, room).then(() => {
            this.listChanged();
          }),
        );
      }),
      persona.on('state', () => {
        this.connectionChanged();
        this.personasChanged();
      }),
      persona.on('connection', () => {
        this.connectionChanged();
      }),
      persona.on('trouble', (error) => {
        this.trouble(error);
      }),
    ];
    this.selves.set(persona.id, { persona, pictureSeed, stops });
  }

  private async connect(persona: Persona): Promise<void> {
    this.online.add(persona.id);
    await persona.connect();
    await this.adoptAll(persona);
    this.promiseTimer ??= setTimeout(() => {
      void this.promise().catch(() => undefined);
    }, PROMISE_AFTER_MS);
  }

  private async disconnect(persona: Persona): Promise<void> {
    this.online.delete(persona.id);
    await persona.disconnect();
    await this.adoptAll(persona);
  }

  private async ensureOnline(id: string): Promise<void> {
    if (!this.online.has(id)) await this.setOnline(id, true);
  }

  /** Connecting and disconnecting make new conversation objects: the old ones are dead. */
  private async adoptAll(persona: Persona): Promise<void> {
    const found = [...(await persona.conversations()), ...(await persona.rooms())];
    await Promise.all(found.map((source) => this.adopt(persona, source)));
  }

  private async adopt(persona: Persona, source: Conversation | Room): Promise<AnyTalk> {
    const { id } = source;
    await this.adopting.get(id)?.catch(() => undefined);
    const known = this.talks.get(id);
    if (known?.source === source) return known;
    const opening = this.openTalk(persona, source, known);
    this.adopting.set(id, opening);
    return opening.finally(() => {
      if (this.adopting.get(id) === opening) this.adopting.delete(id);
    });
  }

  private async openTalk(
    persona: Persona,
    source: Conversation | Room,
    known: AnyTalk | undefined,
  ): Promise<AnyTalk> {
    await known?.close();
    const setup: TalkSetup = {
      persona: persona.id,
      outgoing: this.outgoing,
      listChanged: () => {
        this.listChanged();
      },
      trouble: (error) => {
        this.trouble(error);
      },
      relayLost: () => {
        this.outgoing.add({ type: 'trouble', kind: 'relay-store-lost', code: '' });
      },
    };
    const talk = await (source instanceof Conversation
      ? Talk.open(source, setup)
      : RoomTalk.open(source, setup));
    if (this.ended) talk.stop();
    this.talks.set(source.id, talk);
    return talk;
  }

  /** Its screen is drawn while the link is being made ours. */
  private async showSecuring(persona: Persona, conversation: Conversation): Promise<AnyTalk> {
    const talk = await this.adopt(persona, conversation);
    this.listChanged();
    this.outgoing.flush();
    return talk;
  }

  private forget(id: string): void {
    this.talks.get(id)?.stop();
    this.talks.delete(id);
    this.listChanged();
  }

  private listChanged(): void {
    if (this.ended) return;
    this.outgoing.addLater('conversations', () => ({
      type: 'conversations',
      conversations: [...this.talks.values()].map((talk) => talk.view()),
    }));
  }

  private personasChanged(): void {
    if (this.ended) return;
    this.outgoing.addLater('personas', () => ({
      type: 'personas',
      personas: [...this.selves.values()].map((self) => this.personaView(self)),
    }));
  }

  private personaView({ persona, pictureSeed }: Self): PersonaView {
    const { id, name, retired } = persona;
    return { id, name, pictureSeed, retired, online: this.online.has(id), stays: this.staying.has(id) };
  }

  private connectionChanged(): void {
    if (this.ended) return;
    this.outgoing.addLater('connection', () => {
      const personas = [...this.online].flatMap((id) => this.selves.get(id)?.persona ?? []);
      const moved = personas.find(({ state }) => state === 'moved');
      if (moved !== undefined) return { type: 'connection', state: 'refused', code: 'PERSONA_MOVED' };
      const statuses = personas.flatMap((persona) => persona.connections());
      const isDialling = personas.some(({ state }) => state === 'connecting');
      return { type: 'connection', ...connectionView(statuses, isDialling) };
    });
  }

  private trouble(error: unknown): void {
    if (this.ended) return;
    const code = codeOf(error);
    if (code === 'STORE_FULL') this.outgoing.add({ type: 'trouble', kind: 'disk-full', code });
    // The network's troubles are the connection's state; a closed store's are the boot's.
    else if (!/^(NET|STORE_(CLOSED|FENCED|WIPED|LOCKED))/.test(code)) {
      this.outgoing.add({ type: 'trouble', kind: 'other', code });
    }
  }

  private quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.trouble(error);
    });
  }
}

function gone(): never {
  throw Object.assign(new Error('no such conversation'), { code: 'CONVERSATION_GONE' });
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'WEB_INTERNAL';
}

function readIds(bytes: Uint8Array): string[] {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(parsed) ? parsed.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

async function seedFrom(id: string): Promise<Uint8Array> {
  const text = new TextEncoder().encode(`sotto picture of myself ${id}`);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', text));
}
