// One conversation as the page sees it: what base-talk.ts does for rooms too, and what only two people have.
import type { Conversation } from '@sotto/client';
import type { ConversationView } from '../backend/backend.ts';
import { BaseTalk, type TalkSetup } from './base-talk.ts';
import { MarkKeeper } from './marks.ts';
import { attachedTo, conversationState, excerptOf } from './views.ts';

export class Talk extends BaseTalk<Conversation> {
  private readonly pictureSeed: Uint8Array;

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
      conversation.on('transfer', (transfer) => {
        this.transferred(transfer);
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
      ...attachedTo(this.last),
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
}
