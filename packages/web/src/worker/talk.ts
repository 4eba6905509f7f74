// One conversation as the page sees it: its place in the list, what is unread, changes of messages as they happen. It
// listens to the SDK's conversation and puts what changed among the outgoing events.
import type { Conversation, Cursor, Message, MessageId } from '@sotto/client';
import type { ConversationView, MessageView, Reaction, SendDraft } from '../backend/backend.ts';
import { MarkKeeper } from './marks.ts';
import type { Outgoing } from './outgoing.ts';
import { conversationState, countsAsUnread, excerptOf, messageView } from './views.ts';

const PAGE = 100;
/** More than so many unread ones aren't counted. */
const MAX_UNREAD = 999;
const READ_WRITTEN_MS = 500;

export interface TalkSetup {
  readonly persona: string;
  readonly outgoing: Outgoing;
  /** The list of conversations has to be shown anew. */
  readonly listChanged: () => void;
  readonly trouble: (error: unknown) => void;
  /** The relay told that it lost something. */
  readonly relayLost: () => void;
}

export class Talk {
  readonly id: string;
  readonly persona: string;
  readonly conversation: Conversation;
  private readonly setup: TalkSetup;
  private readonly marks: MarkKeeper;
  private readonly stops: (() => void)[];
  private readonly pictureSeed: Uint8Array;
  private last: Message | undefined;
  private unread = 0;
  /** Place → id of timed messages that the page has: the SDK tells of their end by place. */
  private readonly timed = new Map<number, string>();
  private readTimer: ReturnType<typeof setTimeout> | undefined;

  private constructor(conversation: Conversation, setup: TalkSetup, marks: MarkKeeper) {
    this.id = conversation.id;
    this.persona = setup.persona;
    this.conversation = conversation;
    this.setup = setup;
    this.marks = marks;
    this.pictureSeed = conversation.peer.pictureSeed;
    this.stops = [
      conversation.on('message', (message) => {
        this.hear(message);
      }),
      conversation.on('change', (message) => {
        this.changed(message);
      }),
      conversation.on('delivered', ({ id }) => {
        this.quietly(this.changedById(id));
      }),
      conversation.on('expired', (place) => {
        this.quietly(this.expired(place));
      }),
      conversation.on('state', () => {
        setup.listChanged();
      }),
    ];
  }

  static async open(conversation: Conversation, setup: TalkSetup): Promise<Talk> {
    const marks = await MarkKeeper.load(conversation.notes, Date.now());
    const talk = new Talk(conversation, setup, marks);
    await talk.count();
    return talk;
  }

  view(): ConversationView {
    const { draft, compared, since } = this.marks.marks;
    return {
      id: this.id,
      persona: this.persona,
      name: this.conversation.peer.name,
      pictureSeed: this.pictureSeed,
      excerpt: this.last === undefined ? '' : excerptOf(this.last),
      at: this.last?.at ?? since,
      unread: this.unread,
      timerSeconds: this.conversation.state.timerSeconds,
      state: conversationState(this.conversation),
      draft,
      ...(compared ? { compared } : {}),
    };
  }

  async history(options: {
    before?: string;
    limit: number;
  }): Promise<{ messages: MessageView[]; more: boolean }> {
    const before = options.before === undefined ? undefined : await this.placeOf(options.before);
    const found = await this.conversation.history({
      limit: options.limit + 1,
      ...(before === undefined ? {} : { before }),
    });
    const more = found.length > options.limit;
    const messages = await Promise.all(
      (more ? found.slice(1) : found).map((message) => this.viewOf(message)),
    );
    return { messages, more };
  }

  async search(text: string): Promise<MessageView[]> {
    return Promise.all((await this.conversation.search(text)).map((message) => this.viewOf(message)));
  }

  async send({ text, replyTo, warning }: SendDraft): Promise<MessageView> {
    const { id } = await this.conversation.send({
      type: 'text',
      text,
      ...(replyTo === undefined ? {} : { replyTo: replyTo as MessageId }),
      ...(warning === undefined || warning === '' ? {} : { warning }),
    });
    const message = await this.conversation.message(id);
    if (message === undefined) throw new Error('sent and not there');
    this.noteLast(message);
    const view = await this.viewOf(message);
    this.setup.outgoing.changed(this.id, view);
    return view;
  }

  /** One reaction of mine a message: another takes its place. */
  async react(id: string, wanted: Reaction | undefined): Promise<void> {
    const target = id as MessageId;
    const message = await this.conversation.message(target);
    const mine = message?.kind === 'text' ? message.reactions.filter((one) => one.mine) : [];
    for (const { reaction } of mine) {
      if (reaction !== wanted)
        await this.conversation.send({ type: 'reaction', target, reaction, removed: true });
    }
    if (wanted === undefined || mine.some(({ reaction }) => reaction === wanted)) return;
    await this.conversation.send({ type: 'reaction', target, reaction: wanted });
  }

  /** Sends again what can't be sent any more; whatever else waits is on its way already. */
  async retry(id: string): Promise<void> {
    const message = await this.conversation.message(id as MessageId);
    if (message?.kind !== 'text' || message.delivery !== 'failed') return;
    const { text, replyTo, warning } = message;
    await this.send({
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(warning === undefined ? {} : { warning }),
    });
  }

  async saveDraft(draft: string): Promise<void> {
    if (draft === this.marks.marks.draft) return;
    const writing = this.marks.change({ draft });
    this.setup.listChanged();
    await writing;
  }

  markRead(): void {
    const read = this.last?.cursor ?? 0;
    if (this.unread === 0 && this.marks.marks.read >= read) return;
    this.unread = 0;
    this.setup.listChanged();
    clearTimeout(this.readTimer);
    // While messages pour in, the store is busy with them.
    this.readTimer = setTimeout(() => {
      this.quietly(this.marks.change({ read }));
    }, READ_WRITTEN_MS);
  }

  async markCompared(compared: boolean): Promise<void> {
    await this.marks.change({ compared });
    this.setup.listChanged();
  }

  /** Writes what is still to be written and stops listening. */
  async close(): Promise<void> {
    this.stop();
    if (this.readTimer === undefined) return;
    clearTimeout(this.readTimer);
    await this.marks.change({ read: this.unread === 0 ? (this.last?.cursor ?? 0) : this.marks.marks.read });
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  // ── inside ──

  private hear(message: Message): void {
    if (message.kind === 'relay') this.setup.relayLost();
    if (countsAsUnread(message)) this.unread = Math.min(this.unread + 1, MAX_UNREAD);
    this.noteLast(message);
    this.changed(message);
  }

  private changed(message: Message): void {
    if (message.id === this.last?.id) this.noteLast(message);
    this.quietly(
      this.viewOf(message).then((view) => {
        this.setup.outgoing.changed(this.id, view);
      }),
    );
  }

  private async changedById(id: MessageId): Promise<void> {
    const message = await this.conversation.message(id);
    if (message !== undefined) this.changed(message);
  }

  private async expired(place: Cursor): Promise<void> {
    const id = this.timed.get(place);
    this.timed.delete(place);
    if (id !== undefined) this.setup.outgoing.removed(this.id, id);
    if (this.last?.cursor === place) await this.count();
    this.setup.listChanged();
  }

  private noteLast(message: Message): void {
    if (this.last === undefined || message.cursor >= this.last.cursor) this.last = message;
    this.setup.listChanged();
  }

  /** Finds the last message and how many after the read mark are new. */
  private async count(): Promise<void> {
    const { read } = this.marks.marks;
    let unread = 0;
    const [newest] = await this.conversation.history({ limit: 1 });
    this.last = newest;
    let before = newest === undefined || newest.cursor <= read ? undefined : ((newest.cursor + 1) as Cursor);
    while (before !== undefined && unread < MAX_UNREAD) {
      const page: Message[] = await this.conversation.history({ before, limit: PAGE });
      const fresh = page.filter(({ cursor }) => cursor > read);
      unread += fresh.filter(countsAsUnread).length;
      before = fresh.length === PAGE ? page[0]?.cursor : undefined;
    }
    this.unread = Math.min(unread, MAX_UNREAD);
  }

  private async viewOf(message: Message): Promise<MessageView> {
    const replyTo = message.kind === 'text' ? message.replyTo : undefined;
    const quoted = replyTo === undefined ? undefined : await this.conversation.message(replyTo);
    if (message.kind === 'text' && message.expiresAt !== undefined)
      this.timed.set(message.cursor, message.id);
    return messageView(message, quoted);
  }

  private async placeOf(id: string): Promise<Cursor | undefined> {
    const message = await this.conversation.message(id as MessageId);
    if (message !== undefined) return message.cursor;
    for (const [place, known] of this.timed) if (known === id) return place as Cursor;
    return undefined;
  }

  private quietly(work: Promise<unknown>): void {
    work.catch(this.setup.trouble);
  }
}
