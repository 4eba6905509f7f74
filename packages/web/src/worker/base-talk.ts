// What conversations and rooms have in common for the page: a place in the list, what is unread, pages of messages and
// their changes as they happen. Not its concern: what only one of them has (talk.ts, room-talk.ts).
import type {
  Cursor,
  FileDetails,
  Message,
  MessageId,
  Notes,
  Reaction as SdkReaction,
  StoredFile,
  Transfer,
} from '@sotto/client';
import type { ConversationView, FileDraft, MessageView, Reaction, SendDraft } from '../backend/backend.ts';
import { WebError } from '../errors.ts';
import type { MarkKeeper } from './marks.ts';
import type { Outgoing } from './outgoing.ts';
import { countsAsUnread, messageView } from './views.ts';

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

/** What a conversation and a room of the SDK both do. */
export interface Source {
  readonly id: string;
  readonly notes: Notes;
  history(options?: { before?: Cursor; limit?: number }): Promise<Message[]>;
  message(id: MessageId): Promise<Message | undefined>;
  search(text: string): Promise<Message[]>;
  send(content: SourceContent): Promise<{ readonly id: MessageId }>;
  sendFile(
    source: { readonly length: number; read(offset: number, length: number): Promise<Uint8Array> },
    details: FileDetails,
  ): Promise<{ readonly id: MessageId }>;
  cancelFile(id: MessageId): Promise<void>;
  download(id: MessageId, options: { readonly signal: AbortSignal }): Promise<void>;
  openFile(id: MessageId): Promise<StoredFile>;
}

type SourceContent =
  | {
      readonly type: 'text';
      readonly text: string;
      readonly replyTo?: MessageId;
      readonly warning?: string;
      readonly mentions?: readonly never[];
    }
  | {
      readonly type: 'reaction';
      readonly target: MessageId;
      readonly reaction: SdkReaction;
      readonly removed?: boolean;
    }
  | { readonly type: 'edit'; readonly target: MessageId; readonly text: string }
  | { readonly type: 'retract'; readonly target: MessageId };

export abstract class BaseTalk<S extends Source> {
  readonly id: string;
  readonly persona: string;
  readonly source: S;
  protected readonly setup: TalkSetup;
  protected readonly marks: MarkKeeper;
  protected readonly stops: (() => void)[] = [];
  protected last: Message | undefined;
  protected unread = 0;
  /** Place → id of timed messages that the page has: the SDK tells of their end by place. */
  protected readonly timed = new Map<number, string>();
  /** Message id → bytes of its file that moved so far, while they do. */
  private readonly moved = new Map<string, number>();
  private readonly fetching = new Map<string, AbortController>();
  private readTimer: ReturnType<typeof setTimeout> | undefined;

  protected constructor(source: S, setup: TalkSetup, marks: MarkKeeper) {
    this.id = source.id;
    this.persona = setup.persona;
    this.source = source;
    this.setup = setup;
    this.marks = marks;
  }

  abstract view(): ConversationView;

  async history(options: {
    before?: string;
    limit: number;
  }): Promise<{ messages: MessageView[]; more: boolean }> {
    const before = options.before === undefined ? undefined : await this.placeOf(options.before);
    const found = await this.source.history({
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
    return Promise.all((await this.source.search(text)).map((message) => this.viewOf(message)));
  }

  async send({ text, replyTo, warning, mentions = [] }: SendDraft): Promise<MessageView> {
    const { id } = await this.source.send({
      type: 'text',
      text,
      ...(replyTo === undefined ? {} : { replyTo: replyTo as MessageId }),
      ...(warning === undefined || warning === '' ? {} : { warning }),
      ...(mentions.length === 0 ? {} : { mentions: mentions as readonly never[] }),
    });
    const message = await this.source.message(id);
    if (message === undefined) throw new Error('sent and not there');
    this.noteLast(message);
    const view = await this.viewOf(message);
    this.setup.outgoing.changed(this.id, view);
    return view;
  }

  /** One reaction of mine a message: another takes its place. */
  async react(id: string, wanted: Reaction | undefined): Promise<void> {
    const target = id as MessageId;
    const message = await this.source.message(target);
    const mine =
      message !== undefined && 'reactions' in message ? message.reactions.filter((one) => one.mine) : [];
    for (const { reaction } of mine) {
      if (reaction !== wanted) await this.source.send({ type: 'reaction', target, reaction, removed: true });
    }
    if (wanted === undefined || mine.some(({ reaction }) => reaction === wanted)) return;
    await this.source.send({ type: 'reaction', target, reaction: wanted });
  }

  /** Sends again what can't be sent any more; whatever else waits is on its way already. */
  async retry(id: string): Promise<void> {
    const message = await this.source.message(id as MessageId);
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

  async edit(target: string, text: string): Promise<void> {
    await this.source.send({ type: 'edit', target: target as MessageId, text });
  }
  async retract(target: string): Promise<void> {
    await this.source.send({ type: 'retract', target: target as MessageId });
  }

  async sendFile({ bytes, preview, ...said }: FileDraft): Promise<void> {
    const source = {
      length: bytes.size,
      read: async (offset: number, length: number) =>
        new Uint8Array(await bytes.slice(offset, offset + length).arrayBuffer()),
    };
    const { id } = await this.source.sendFile(source, {
      ...said,
      ...(preview === undefined ? {} : { preview }),
    });
    const message = await this.source.message(id);
    if (message === undefined) return;
    this.noteLast(message);
    this.setup.outgoing.changed(this.id, await this.viewOf(message));
  }

  async cancelFile(id: string): Promise<void> {
    await this.source.cancelFile(id as MessageId);
  }

  /** The bytes of a file, fetched where they aren't here yet. Never with a type that the browser would run. */
  async openFile(id: string): Promise<Blob> {
    const message = await this.source.message(id as MessageId);
    if (message?.kind !== 'attachment' || message.file === undefined) throw new WebError('WEB_ENDED');
    if (!message.file.isHere) {
      const stop = this.fetching.get(id) ?? new AbortController();
      this.fetching.set(id, stop);
      await this.source.download(message.id, { signal: stop.signal }).finally(() => {
        this.fetching.delete(id);
      });
    }
    const stored = await this.source.openFile(message.id);
    const parts: BlobPart[] = [];
    for await (const piece of stored.pieces()) parts.push(piece.slice());
    const type = message.file.kind === 'file' ? 'application/octet-stream' : stored.mediaType;
    return new Blob(parts, { type });
  }

  stopFile(id: string): void {
    this.fetching.get(id)?.abort();
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

  protected hear(message: Message): void {
    if (message.kind === 'relay') this.setup.relayLost();
    if (countsAsUnread(message)) this.unread = Math.min(this.unread + 1, MAX_UNREAD);
    this.noteLast(message);
    this.changed(message);
  }

  protected changed(message: Message): void {
    if (message.id === this.last?.id) this.noteLast(message);
    this.quietly(
      this.viewOf(message).then((view) => {
        this.setup.outgoing.changed(this.id, view);
      }),
    );
  }

  protected async changedById(id: MessageId): Promise<void> {
    const message = await this.source.message(id);
    if (message !== undefined) this.changed(message);
  }

  protected noteLast(message: Message): void {
    if (this.last === undefined || message.cursor >= this.last.cursor) this.last = message;
    this.setup.listChanged();
  }

  /** Finds the last message and how many after the read mark are new. */
  protected async count(): Promise<void> {
    const { read } = this.marks.marks;
    let unread = 0;
    const [newest] = await this.source.history({ limit: 1 });
    this.last = newest;
    let before = newest === undefined || newest.cursor <= read ? undefined : ((newest.cursor + 1) as Cursor);
    while (before !== undefined && unread < MAX_UNREAD) {
      const page: Message[] = await this.source.history({ before, limit: PAGE });
      const fresh = page.filter(({ cursor }) => cursor > read);
      unread += fresh.filter(countsAsUnread).length;
      before = fresh.length === PAGE ? page[0]?.cursor : undefined;
    }
    this.unread = Math.min(unread, MAX_UNREAD);
  }

  protected async viewOf(message: Message): Promise<MessageView> {
    const replyTo = 'replyTo' in message ? message.replyTo : undefined;
    const quoted = replyTo === undefined ? undefined : await this.source.message(replyTo);
    // A file's message goes by its place too, when its sending is cancelled.
    const goesByPlace =
      message.kind === 'text' ? message.expiresAt !== undefined : message.kind === 'attachment';
    if (goesByPlace) this.timed.set(message.cursor, message.id);
    const view = messageView(message, quoted);
    const moved = this.moved.get(message.id);
    return moved === undefined ? view : { ...view, moved };
  }

  protected transferred({ id, state, done, length }: Transfer): void {
    const known = this.moved.get(id);
    // A step that nobody would see needs no word.
    if (state === 'running' && known !== undefined && done - known < length / 50) return;
    if (state === 'done' || state === 'stopped') this.moved.delete(id);
    else this.moved.set(id, done);
    this.quietly(this.changedById(id));
  }

  /** A message went by its place. */
  protected async expired(place: Cursor): Promise<void> {
    const id = this.timed.get(place);
    this.timed.delete(place);
    if (id !== undefined) this.setup.outgoing.removed(this.id, id);
    if (this.last?.cursor === place) await this.count();
    this.setup.listChanged();
  }

  private async placeOf(id: string): Promise<Cursor | undefined> {
    const message = await this.source.message(id as MessageId);
    if (message !== undefined) return message.cursor;
    for (const [place, known] of this.timed) if (known === id) return place as Cursor;
    return undefined;
  }

  protected quietly(work: Promise<unknown>): void {
    work.catch(this.setup.trouble);
  }
}
