// What the interactive screen knows while it runs: the persona, the open conversation, the numbers that messages go by.
import type { Client, Conversation, Message, MessageId, Persona, Room, TextMessage } from '../../index.ts';
import { SottoError } from '../../errors.ts';
import { sayError } from '../errors.ts';
import { dim, nameOf, showMessage } from './format.ts';
import { printable } from './text-safety.ts';
import type { Screen } from './screen.ts';

const HISTORY_ON_START = 20;

/** What one may be talking in. */
export type Place = Conversation | Room;

const isRoom = (place: Place): place is Room => 'card' in place;

/** Whom one talks with, or in which room. */
export function placeName(place: Place): string {
  return isRoom(place) ? printable(place.card.title) : nameOf(place);
}

export class Session {
  readonly client: Client;
  readonly persona: Persona;
  readonly screen: Screen;
  conversations: Conversation[] = [];
  current: Place | undefined;
  state = 'connecting';
  /** The last one that was shown. */
  private said = 'connecting';
  /** Somebody is being met by a command, which will open the conversation itself. */
  meeting = false;
  /** The room whose card was shown, to go in or knock once its rules are accepted. */
  entering: { readonly link: string; readonly words: string } | undefined;
  private shown: string[] = [];
  private looks = new Map<string, string>();
  /** Messages whose content warning was looked behind. */
  private readonly opened = new Set<string>();
  private readonly unread = new Map<string, number>();
  private readonly followed = new Set<string>();

  constructor(client: Client, persona: Persona, screen: Screen) {
    this.client = client;
    this.persona = persona;
    this.screen = screen;
  }

  async begin(): Promise<void> {
    this.persona.on('state', (state) => {
      this.state = state;
      // Each try would say "connecting" and "offline" again: only where things came to stand is news.
      if (state === 'connecting' || state === this.said) return;
      this.said = state;
      this.screen.print(dim(stateWords(state)));
    });
    for (const conversation of await this.persona.conversations()) this.follow(conversation);
    this.persona.on('conversation', (conversation) => {
      if (this.conversations.some(({ id }) => id === conversation.id)) return;
      this.follow(conversation);
      if (this.meeting) return;
      if (this.current === undefined) {
        void this.open(conversation).catch((error: unknown) => {
          this.screen.print(sayError(error).message);
        });
        return;
      }
      const number = String(this.conversations.length);
      this.screen.print(dim(`${nameOf(conversation)} is here. /open ${number} to talk.`));
    });
    for (const room of await this.persona.rooms()) this.followRoom(room);
    this.persona.on('room', (room) => {
      this.followRoom(room);
    });
    const [last] = this.conversations.slice(-1);
    if (last !== undefined) await this.open(last);
    else this.refreshPrompt();
  }

  private follow(conversation: Conversation): void {
    this.conversations.push(conversation);
    conversation.on('message', (message) => {
      this.arrived(conversation, message);
    });
    conversation.on('change', (message) => {
      if (this.current === conversation && this.looksDifferent(message)) this.show(message);
    });
    conversation.on('state', () => {
      if (this.current === conversation) this.refreshPrompt(); // the name may be known now
    });
  }

  private followRoom(room: Room): void {
    if (this.followed.has(room.id)) return;
    this.followed.add(room.id);
    room.on('message', (message) => {
      this.arrived(room, message);
    });
    room.on('change', (message) => {
      if (this.current === room && this.looksDifferent(message)) this.show(message);
    });
    room.on('knock', ({ name }) => {
      this.screen.print(dim(`${printable(name) || 'Someone'} knocks at ${placeName(room)}. /room knocks`));
    });
    room.on('talkRequest', ({ name }) => {
      this.screen.print(dim(`${printable(name) || 'Someone'} would like to talk in private. /room talks`));
    });
    let phase = room.state.phase;
    room.on('state', (state) => {
      if (state.phase === phase) return;
      phase = state.phase;
      if (phase === 'in') this.screen.print(dim(`You are in: ${placeName(room)}.`));
      if (phase === 'removed') this.screen.print(dim(`A host took you out of ${placeName(room)}.`));
      if (phase === 'refused') this.screen.print(dim(`The hosts of ${placeName(room)} did not let you in.`));
    });
  }

  private arrived(conversation: Place, message: Message): void {
    if (this.current === conversation) {
      this.show(message);
      return;
    }
    const count = (this.unread.get(conversation.id) ?? 0) + 1;
    this.unread.set(conversation.id, count);
    if (count === 1) this.screen.print(dim(`something new from ${placeName(conversation)}`));
  }

  /** Whether a change is one to see: words or reactions, and not merely that the relay has it. */
  private looksDifferent(message: Message): boolean {
    return this.shown.includes(message.id) && this.looks.get(message.id) !== lookOf(message);
  }

  /** Prints a message of mine that was just said. */
  async showSaid(id: string): Promise<void> {
    const recent = await this.talkingWith().history({ limit: 50 });
    const said = recent.find((message) => message.id === id);
    if (said !== undefined) this.show(said);
  }

  /** Shows what stands behind a content warning. */
  reveal(message: TextMessage): void {
    this.opened.add(message.id);
    this.show(message);
  }

  /** The number of a message on this screen. */
  numberOf(id: string): number {
    return this.shown.indexOf(id) + 1;
  }

  /** Prints a message under the number that commands name it by. */
  show(message: Message): void {
    if (!this.shown.includes(message.id)) this.shown.push(message.id);
    this.looks.set(message.id, lookOf(message));
    this.screen.print(
      showMessage(message, {
        peerName: placeName(this.talkingWith()),
        numberOf: (id) => this.numberOf(id),
        isOpen: (id) => this.opened.has(id),
        now: Date.now(),
      }),
    );
  }

  async open(conversation: Place): Promise<void> {
    this.current = conversation;
    this.shown = [];
    this.looks = new Map();
    this.unread.delete(conversation.id);
    this.screen.print(dim(`${isRoom(conversation) ? 'In' : 'With'} ${placeName(conversation)}.`));
    for (const message of await conversation.history({ limit: HISTORY_ON_START })) this.show(message);
    this.refreshPrompt();
  }

  forget(conversation: Place): void {
    this.conversations = this.conversations.filter((one) => one !== conversation);
    if (this.current === conversation) this.current = undefined;
    this.refreshPrompt();
  }

  refreshPrompt(): void {
    this.screen.prompt(this.current === undefined ? 'nobody yet' : `to ${placeName(this.current)}`);
  }

  /** @throws SottoError CONVERSATION_GONE when none is open. */
  talkingWith(): Place {
    if (this.current === undefined) throw new SottoError('CONVERSATION_GONE');
    return this.current;
  }

  /** @throws SottoError CONVERSATION_GONE when a room is open, or nothing. */
  conversationOpen(): Conversation {
    const place = this.talkingWith();
    if (isRoom(place)) throw new SottoError('CONVERSATION_GONE');
    return place;
  }

  /** @throws SottoError ROOM_GONE when a conversation is open, or nothing. */
  roomOpen(): Room {
    const place = this.current;
    if (place === undefined || !isRoom(place)) throw new SottoError('ROOM_GONE');
    return place;
  }

  unreadIn(conversation: Place): number {
    return this.unread.get(conversation.id) ?? 0;
  }

  /** What stands at this number, of whatever kind. @throws SottoError CONTENT_TARGET */
  idOf(text: string | undefined): MessageId {
    const id = this.shown[Number(text) - 1];
    if (id === undefined) throw new SottoError('CONTENT_TARGET');
    return id as MessageId;
  }

  /** The message that goes by a number on this screen. @throws SottoError CONTENT_TARGET */
  async byNumber(text: string | undefined): Promise<TextMessage> {
    const id = this.shown[Number(text) - 1];
    const history = await this.talkingWith().history({ limit: 1000 });
    const found = history.find((message) => message.id === id);
    if (found?.kind !== 'text') throw new SottoError('CONTENT_TARGET');
    return found;
  }
}

/** What of a message one would notice. */
function lookOf(message: Message): string {
  if (message.kind !== 'text') return message.kind;
  const { text, edited, retracted, reactions } = message;
  return JSON.stringify({ text, edited, retracted, reactions });
}

export function stateWords(state: string): string {
  const words: Readonly<Record<string, string>> = {
    online: 'Connected to the relay.',
    connecting: 'Connecting…',
    offline: "Offline. What you write is kept here and goes out when you're back.",
    'backing-off': 'The relay is not reached. Trying again soon; what you write is kept here.',
    refused:
      'This relay is not the one that was agreed on, or it speaks another version. Nothing is sent to it.',
  };
  return words[state] ?? state;
}
