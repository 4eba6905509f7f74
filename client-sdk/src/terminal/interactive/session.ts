// What the interactive screen knows while it runs: the persona, the open conversation, the numbers that messages go by.
import type { Client, Conversation, Message, Persona, TextMessage } from '../../index.ts';
import { SottoError } from '../../errors.ts';
import { dim, showMessage } from './format.ts';
import type { Screen } from './screen.ts';
import { printable } from './text-safety.ts';

const HISTORY_ON_START = 20;

export class Session {
  readonly client: Client;
  readonly persona: Persona;
  readonly screen: Screen;
  conversations: Conversation[] = [];
  current: Conversation | undefined;
  state = 'connecting';
  private shown: string[] = [];
  private readonly unread = new Map<string, number>();

  constructor(client: Client, persona: Persona, screen: Screen) {
    this.client = client;
    this.persona = persona;
    this.screen = screen;
  }

  async begin(): Promise<void> {
    this.persona.on('state', (state) => {
      if (state === this.state) return;
      this.state = state;
      this.screen.print(dim(stateWords(state)));
    });
    for (const conversation of await this.persona.conversations()) this.follow(conversation);
    this.persona.on('conversation', (conversation) => {
      if (this.conversations.some(({ id }) => id === conversation.id)) return;
      this.follow(conversation);
      this.screen.print(
        dim(
          `${printable(conversation.peer.name)} is here. /open ${String(this.conversations.length)} to talk.`,
        ),
      );
      if (this.current === undefined) void this.open(conversation);
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
      if (this.current === conversation && message.kind === 'text' && !message.mine) this.show(message);
    });
  }

  private arrived(conversation: Conversation, message: Message): void {
    if (this.current === conversation) {
      this.show(message);
      return;
    }
    const count = (this.unread.get(conversation.id) ?? 0) + 1;
    this.unread.set(conversation.id, count);
    if (count === 1) this.screen.print(dim(`something new from ${printable(conversation.peer.name)}`));
  }

  /** Prints a message under the number that commands name it by. */
  show(message: Message): void {
    let number = this.shown.indexOf(message.id) + 1;
    if (number === 0) number = this.shown.push(message.id);
    this.screen.print(showMessage(message, this.talkingWith().peer.name, number, Date.now()));
  }

  async open(conversation: Conversation): Promise<void> {
    this.current = conversation;
    this.shown = [];
    this.unread.delete(conversation.id);
    this.screen.print(dim(`With ${printable(conversation.peer.name)}.`));
    for (const message of await conversation.history({ limit: HISTORY_ON_START })) this.show(message);
    this.refreshPrompt();
  }

  forget(conversation: Conversation): void {
    this.conversations = this.conversations.filter((one) => one !== conversation);
    if (this.current === conversation) this.current = undefined;
    this.refreshPrompt();
  }

  refreshPrompt(): void {
    this.screen.prompt(this.current === undefined ? 'nobody yet' : `to ${printable(this.current.peer.name)}`);
  }

  /** @throws SottoError CONVERSATION_GONE when none is open. */
  talkingWith(): Conversation {
    if (this.current === undefined) throw new SottoError('CONVERSATION_GONE');
    return this.current;
  }

  unreadIn(conversation: Conversation): number {
    return this.unread.get(conversation.id) ?? 0;
  }

  /** The message that goes by a number on this screen. */
  async byNumber(text: string | undefined): Promise<TextMessage> {
    const id = this.shown[Number(text) - 1];
    const history = await this.talkingWith().history({ limit: 1000 });
    const found = history.find((message) => message.id === id);
    if (found?.kind !== 'text') throw new SottoError('CONTENT_TARGET');
    return found;
  }
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
