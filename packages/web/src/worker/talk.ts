// One conversation as the page sees it: what base-talk.ts does for rooms too, and what only two people have.
import type { Conversation, Cursor, Message, MessageId } from '@sotto/client';
import type { ConversationView, FileDraft, MessageView } from '../backend/backend.ts';
import { WebError } from '../errors.ts';
import { BaseTalk, type TalkSetup } from './base-talk.ts';
import { MarkKeeper } from './marks.ts';
import { conversationState, excerptOf } from './views.ts';

export class Talk extends BaseTalk<Conversation> {
  private readonly pictureSeed: Uint8Array;
  /** Message id → bytes of its file that moved so far, while they do. */
  private readonly moved = new Map<string, number>();
  private readonly fetching = new Map<string, AbortController>();

  private constructor(conversation: Conversation, setup: TalkSetup, marks: MarkKeeper) {
    super(conversation, setup, marks);
    this.pictureSeed = conversation.peer.pictureSeed;
    this.stops.push(
      conversation.on('message', (message) => {
        this.hear(message);
      }),
      conversation.on('change', (message) => {
        this.changed(message);
      }),
      conversation.on('delivered', ({ id }) => {
        this.quietly(this.changedById(id));
      }),
      conversation.on('transfer', ({ id, state, done, length }) => {
        const known = this.moved.get(id);
        // A step that nobody would see needs no word.
        if (state === 'running' && known !== undefined && done - known < length / 50) return;
        if (state === 'done' || state === 'stopped') this.moved.delete(id);
        else this.moved.set(id, done);
        this.quietly(this.changedById(id));
      }),
      conversation.on('expired', (place) => {
        this.quietly(this.expired(place));
      }),
      conversation.on('state', () => {
        setup.listChanged();
      }),
    );
  }

  static async open(conversation: Conversation, setup: TalkSetup): Promise<Talk> {
    const marks = await MarkKeeper.load(conversation.notes, Date.now());
    const talk = new Talk(conversation, setup, marks);
    await talk.count();
    return talk;
  }

  view(): ConversationView {
    const { draft, compared, since } = this.marks.marks;
    const { peer, state } = this.source;
    return {
      id: this.id,
      persona: this.persona,
      name: peer.name,
      pictureSeed: this.pictureSeed,
      excerpt: this.last === undefined ? '' : excerptOf(this.last),
      at: this.last?.at ?? since,
      unread: this.unread,
      timerSeconds: state.timerSeconds,
      state: conversationState(this.source),
      draft,
      ...(compared ? { compared } : {}),
    };
  }

  async setTimer(seconds: number): Promise<void> {
    await this.source.send({ type: 'timer', seconds });
  }

  async markCompared(compared: boolean): Promise<void> {
    await this.marks.change({ compared });
    this.setup.listChanged();
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

  protected override async viewOf(message: Message): Promise<MessageView> {
    const view = await super.viewOf(message);
    // A file's message goes by its place too, when its sending is cancelled.
    if (message.kind === 'attachment') this.timed.set(message.cursor, message.id);
    const moved = this.moved.get(message.id);
    return moved === undefined ? view : { ...view, moved };
  }

  private async expired(place: Cursor): Promise<void> {
    const id = this.timed.get(place);
    this.timed.delete(place);
    if (id !== undefined) this.setup.outgoing.removed(this.id, id);
    if (this.last?.cursor === place) await this.count();
    this.setup.listChanged();
  }
}
