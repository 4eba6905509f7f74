// One room as the page sees it: what base-talk.ts does for conversations too, and what rooms have besides: who said
// what, members, hosts' tools. Picture seeds of authors are made once each.
import type { Member, MemberId, Message, MessageId, Room } from '@sotto/client';
import type { AuthorView, ConversationView, MessageView } from '../backend/backend.ts';
import type { RoomDeed, RoomDetails } from '../backend/rooms.ts';
import { BaseTalk, type TalkSetup } from './base-talk.ts';
import { MarkKeeper } from './marks.ts';
import { attachedTo, excerptOf, roomConversationState } from './views.ts';

export class RoomTalk extends BaseTalk<Room> {
  private readonly pictureSeed: Uint8Array;
  private readonly pictures = new Map<string, Uint8Array>();
  private readonly names = new Map<string, string>();
  /** Notices about people whose name isn't known. */
  private readonly nameless = new Map<string, readonly MessageId[]>();
  private knocks = 0;
  private talkRequests = 0;
  private mentioned = false;

  private constructor(room: Room, setup: TalkSetup, marks: MarkKeeper) {
    super(room, setup, marks);
    this.pictureSeed = room.pictureSeed;
    this.stops.push(
      room.on('message', (message) => {
        this.hear(message);
        this.learnName(message);
      }),
      room.on('change', (message) => {
        this.changed(message);
      }),
      room.on('transfer', (transfer) => {
        this.transferred(transfer);
      }),
      room.on('expired', (place) => {
        this.quietly(this.expired(place));
      }),
      room.on('delivered', ({ id }) => {
        this.quietly(this.changedById(id as MessageId));
      }),
      room.on('gone', ({ id }) => {
        this.quietly(this.gone(id));
      }),
      room.on('mention', () => {
        this.mentioned = true;
        setup.listChanged();
      }),
      ...(['state', 'knock', 'talkRequest', 'talkAnswer', 'hostAction'] as const).map((event) =>
        room.on(event, () => {
          this.quietly(this.detailsChanged());
        }),
      ),
    );
  }

  static async open(room: Room, setup: TalkSetup): Promise<RoomTalk> {
    const marks = await MarkKeeper.load(room.notes, Date.now());
    const talk = new RoomTalk(room, setup, marks);
    await talk.learnPictures();
    await talk.countWaiting();
    await talk.count();
    return talk;
  }

  view(): ConversationView {
    const { draft, since } = this.marks.marks;
    const { card, state } = this.source;
    return {
      id: this.id,
      persona: this.persona,
      name: card.title,
      pictureSeed: this.pictureSeed,
      excerpt: this.last === undefined ? '' : withAuthor(this.last),
      ...attachedTo(this.last),
      at: this.last?.at ?? since,
      unread: this.unread,
      timerSeconds: 0,
      state: roomConversationState(state.phase),
      draft,
      room: {
        card,
        state,
        knocks: this.knocks,
        talkRequests: this.talkRequests,
        mentioned: this.mentioned,
      },
    };
  }

  override markRead(): void {
    if (this.mentioned) {
      this.mentioned = false;
      this.setup.listChanged();
    }
    super.markRead();
  }

  async details(): Promise<RoomDetails> {
    const { source } = this;
    const [members, talkRequests, hostLog, knocks] = await Promise.all([
      source.members(),
      source.talkRequests(),
      source.hostLog(),
      source.state.isHost ? source.knocks() : [],
    ]);
    return { members, knocks, talkRequests, filters: source.filters, hostLog };
  }

  async link(people: 'many' | 'one'): Promise<string> {
    return people === 'many' ? this.source.link() : (await this.source.invite()).link;
  }

  async act(deed: RoomDeed): Promise<void> {
    await this.perform(deed);
    await this.detailsChanged();
  }

  // ── inside ──

  private async perform(deed: RoomDeed): Promise<void> {
    const { source } = this;
    switch (deed.deed) {
      case 'hide':
        if (deed.how === 'no') await source.unmute(deed.member);
        else await (deed.how === 'muted' ? source.mute(deed.member) : source.block(deed.member));
        break;
      case 'filter':
        await source.setFilters({ words: deed.words, hideLinks: deed.hideLinks });
        break;
      case 'break':
        await source.takeABreak(deed.minutes);
        break;
      case 'ask-to-talk':
        await source.talkWith(deed.member, deed.words);
        break;
      case 'answer-talk':
        // The conversation tells of itself once the other has used what was answered.
        await (deed.accept ? source.acceptTalk(deed.request) : source.declineTalk(deed.request));
        break;
      case 'admit':
        await source.admit(deed.knock);
        break;
      case 'refuse':
        await source.refuse(deed.knock);
        break;
      case 'door':
        await source.setDoor(deed.door);
        break;
      case 'mode':
        await source.setMode(deed.mode);
        break;
      case 'pin':
        await source.pin(deed.message as MessageId | undefined);
        break;
      default:
        await this.toMember(deed.deed, deed.member);
    }
  }

  private toMember(deed: Extract<RoomDeed, { member: MemberId }>['deed'], member: MemberId): Promise<void> {
    const { source } = this;
    switch (deed) {
      case 'mute':
        return source.muteForAll(member);
      case 'unmute':
        return source.unmuteForAll(member);
      case 'remove':
        return source.remove(member);
      case 'ban':
        return source.ban(member);
      case 'unban':
        return source.unban(member);
      case 'remove-everything':
        return source.removeEverythingFrom(member);
      case 'add-host':
        return source.addHost(member);
      case 'remove-host':
        return source.removeHost(member);
      case 'hand-over':
        return source.handOver(member);
      case 'hide':
      case 'ask-to-talk':
        return Promise.resolve();
    }
  }

  private async detailsChanged(): Promise<void> {
    await this.learnPictures();
    await this.countWaiting();
    this.setup.outgoing.add({ type: 'room', conversation: this.id });
    this.setup.listChanged();
  }

  /** People are named by what they say first. */
  private learnName(message: Message): void {
    const author = isSaid(message) ? message.author : undefined;
    if (author === undefined || this.names.get(author.id) === author.name) return;
    this.noteName(author.id, author.name);
    this.quietly(this.detailsChanged());
  }

  private noteName(id: string, name: string): void {
    this.names.set(id, name);
    if (name === '') return;
    for (const notice of this.nameless.get(id) ?? []) this.quietly(this.changedById(notice));
    this.nameless.delete(id);
  }

  /** Who came in has no name here yet: the notice is told anew once they have one. */
  private named(view: MessageView, member: string): MessageView {
    if (view.notice?.what !== 'room' || view.notice.name !== '') return view;
    const name = this.names.get(member) ?? '';
    if (name !== '') return { ...view, notice: { ...view.notice, name } };
    this.nameless.set(member, [...(this.nameless.get(member) ?? []), view.id as MessageId].slice(-4));
    return view;
  }

  private async learnPictures(): Promise<void> {
    const members: readonly Member[] = await this.source.members();
    for (const { id, name, pictureSeed } of members) {
      this.pictures.set(id, pictureSeed);
      this.noteName(id, name);
    }
  }

  private async countWaiting(): Promise<void> {
    const { source } = this;
    this.knocks = source.state.isHost ? (await source.knocks()).length : 0;
    this.talkRequests = (await source.talkRequests()).length;
  }

  private async gone(id: string): Promise<void> {
    this.setup.outgoing.removed(this.id, id);
    if (this.last?.id === id) await this.count();
    this.setup.listChanged();
  }

  protected override async viewOf(message: Message): Promise<MessageView> {
    const view = await super.viewOf(message);
    if (message.kind === 'room' && message.member !== undefined) return this.named(view, message.member.id);
    if (!isSaid(message) || message.author === undefined) return view;
    const { id, name } = message.author;
    const author: AuthorView = { id, name, pictureSeed: this.pictures.get(id) ?? seedOf(id) };
    return { ...view, author, ...(message.mentionsMe === true ? { mentionsMe: true } : {}) };
  }
}

function isSaid(message: Message): message is Extract<Message, { kind: 'text' | 'attachment' }> {
  return message.kind === 'text' || message.kind === 'attachment';
}

function withAuthor(message: Message): string {
  const excerpt = excerptOf(message);
  const author = isSaid(message) && !message.mine ? message.author?.name : undefined;
  return author === undefined || author === '' || excerpt === '' ? excerpt : `${author}: ${excerpt}`;
}

/** Of someone who has left: the id is 32 bytes that a picture may be drawn from. */
function seedOf(id: string): Uint8Array {
  return Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
