// --json mode: one JSON object a line, in and out, as docs/sdk.md lists them. Errors are events; nothing that a line
// says ends the process but `quit` and the end of input, and both wait until all is stored.
import { createInterface } from 'node:readline';
import type { Client, Conversation, Message, MessageId, Persona, Room } from '../index.ts';
import { SottoError } from '../errors.ts';
import { sayError } from './errors.ts';
import { saveTo, sendFrom } from './files.ts';
import { JsonRooms } from './json-rooms.ts';

type Command = Readonly<Record<string, unknown>> & { readonly cmd: string };

/** Runs until `quit` or the end of input. @returns the process' exit code. */
export async function runJson(client: Client, persona: Persona): Promise<number> {
  const mode = new JsonMode(persona);
  await mode.begin();
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (mode.take(line) === 'quit') break;
  }
  await mode.end();
  await client.close();
  return 0;
}

class JsonMode {
  private readonly persona: Persona;
  private readonly rooms: JsonRooms;
  private readonly known = new Map<string, Conversation>();
  /** Message id → the caller's own reference, for those sent in this life of the process. */
  private readonly refs = new Map<string, unknown>();
  private readonly running = new Set<Promise<void>>();

  constructor(persona: Persona) {
    this.persona = persona;
    this.rooms = new JsonRooms(persona, say);
  }

  async begin(): Promise<void> {
    await this.rooms.begin();
    for (const conversation of await this.persona.conversations()) this.follow(conversation, 'known');
    this.persona.on('conversation', (conversation) => {
      if (this.known.has(conversation.id)) return;
      say({ event: 'conversation', conversation: conversation.id });
      this.follow(conversation, 'new');
    });
    this.persona.on('state', (state) => {
      say({ event: 'state', state });
    });
    say({ event: 'ready', persona: this.persona.id, name: this.persona.name });
  }

  private follow(conversation: Conversation, since: 'known' | 'new'): void {
    this.known.set(conversation.id, conversation);
    void this.tell(conversation, since).catch((error: unknown) => {
      say({ event: 'error', cmd: null, ...sayError(error) });
    });
    conversation.on('change', (message) => {
      say({ event: 'change', ...publicMessage(message) });
    });
    conversation.on('transfer', (transfer) => {
      const ref = this.refs.get(transfer.id);
      say({
        event: 'progress',
        conversation: conversation.id,
        ...(ref === undefined ? {} : { ref }),
        ...transfer,
      });
    });
    conversation.on('delivered', ({ id, keptUntil }) => {
      const ref = this.refs.get(id);
      this.refs.delete(id);
      say({ event: 'delivered', ...(ref === undefined ? {} : { ref }), id, keptUntil });
    });
  }

  /** Says each new message once. What came with a new conversation, before anyone could listen, comes first. */
  private async tell(conversation: Conversation, since: 'known' | 'new'): Promise<void> {
    const coming = conversation.messages();
    const told = new Set<string>();
    if (since === 'new') {
      for (const message of await conversation.history({ limit: 1000 })) {
        if ('mine' in message && message.mine) continue;
        told.add(message.id);
        sayMessage(message);
      }
    }
    for await (const message of coming) if (!told.delete(message.id)) sayMessage(message);
  }

  /** Starts what a line asks for. Commands begin in the order of their lines; answers come as they are ready. */
  take(line: string): 'quit' | undefined {
    let command: Command;
    try {
      command = parseCommand(line);
    } catch (error) {
      say({ event: 'error', cmd: null, ...sayError(error) });
      return undefined;
    }
    if (command.cmd === 'quit') return 'quit';
    const running = this.run(command).catch((error: unknown) => {
      say({
        event: 'error',
        cmd: command.cmd,
        ...('ref' in command ? { ref: command['ref'] } : {}),
        ...sayError(error),
      });
    });
    this.running.add(running);
    void running.finally(() => this.running.delete(running));
    return undefined;
  }

  /** Resolves once every command that was taken has been answered. */
  async end(): Promise<void> {
    await Promise.all(this.running);
  }

  private async run(command: Command): Promise<void> {
    switch (command.cmd) {
      case 'invite': {
        const kind = command['kind'] === 'standing' ? 'standing' : 'once';
        const { link } = await this.persona.createInvite({ kind });
        say({ event: 'invite', link });
        return;
      }
      case 'accept': {
        const conversation = await this.persona.accept(text(command, 'link'));
        if (this.known.has(conversation.id)) return; // the event of the same name has said it
        say({ event: 'conversation', conversation: conversation.id });
        this.follow(conversation, 'new');
        return;
      }
      case 'send':
        return this.send(command);
      case 'sendFile': {
        const description = typeof command['description'] === 'string' ? command['description'] : '';
        const asIs = command['asIs'] === true;
        const sent = await sendFrom(this.place(command), text(command, 'path'), { description, asIs });
        const ref = 'ref' in command ? { ref: command['ref'] } : {};
        if ('ref' in command) {
          if (typeof command['room'] === 'string') this.rooms.refs.set(sent.id, command['ref']);
          else this.refs.set(sent.id, command['ref']);
        }
        say({
          event: 'stored',
          ...ref,
          id: sent.id,
          ...(sent.clean === undefined ? {} : { clean: sent.clean }),
        });
        return;
      }
      case 'cancelFile': {
        await this.place(command).cancelFile(text(command, 'id') as MessageId);
        say({ event: 'cancelled', id: command['id'] });
        return;
      }
      case 'download': {
        const id = text(command, 'id') as MessageId;
        const place = this.place(command);
        if (typeof command['path'] === 'string') await saveTo(place, id, command['path']);
        else await place.download(id);
        say({ event: 'downloaded', ...('ref' in command ? { ref: command['ref'] } : {}), id });
        return;
      }
      case 'history': {
        const limit = typeof command['limit'] === 'number' ? command['limit'] : 50;
        const messages = await this.conversation(command).history({ limit });
        say({
          event: 'history',
          conversation: command['conversation'],
          messages: messages.map(publicMessage),
        });
        return;
      }
      case 'search': {
        const messages = await this.conversation(command).search(text(command, 'text'));
        say({ event: 'search', messages: messages.map(publicMessage) });
        return;
      }
      case 'conversations': {
        const conversations = await this.persona.conversations();
        say({
          event: 'conversations',
          conversations: conversations.map(({ id, peer }) => ({ conversation: id, peer: peer.name })),
        });
        return;
      }
      case 'safety': {
        const conversation = this.conversation(command);
        say({ event: 'safety', conversation: conversation.id, safetyNumber: conversation.peer.safetyNumber });
        return;
      }
      case 'block':
        await this.conversation(command).block();
        say({ event: 'blocked', conversation: command['conversation'] });
        return;
      case 'leave':
        await this.conversation(command).leave();
        say({ event: 'left', conversation: command['conversation'] });
        return;
      default:
        if (!(await this.rooms.run(command))) throw new SottoError('TERMINAL_COMMAND');
    }
  }

  private async send(command: Command): Promise<void> {
    const conversation = this.conversation(command);
    const target = command['target'] as MessageId | undefined;
    const sent = await conversation.send(
      command['retract'] === true && target !== undefined
        ? { type: 'retract', target }
        : target !== undefined
          ? { type: 'edit', target, text: text(command, 'text') }
          : {
              type: 'text',
              text: text(command, 'text'),
              ...(typeof command['replyTo'] === 'string' ? { replyTo: command['replyTo'] as MessageId } : {}),
              ...(typeof command['warning'] === 'string' ? { warning: command['warning'] } : {}),
            },
    );
    if ('ref' in command) this.refs.set(sent.id, command['ref']);
    say({ event: 'stored', ...('ref' in command ? { ref: command['ref'] } : {}), id: sent.id });
  }

  /** Where a file goes or comes from. */
  private place(command: Command): Conversation | Room {
    return typeof command['room'] === 'string' ? this.rooms.room(command) : this.conversation(command);
  }

  private conversation(command: Command): Conversation {
    const found = this.known.get(text(command, 'conversation'));
    if (found === undefined) throw new SottoError('CONVERSATION_GONE');
    return found;
  }
}

function parseCommand(line: string): Command {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SottoError('TERMINAL_COMMAND');
  }
  if (typeof value !== 'object' || value === null || !('cmd' in value) || typeof value.cmd !== 'string')
    throw new SottoError('TERMINAL_COMMAND');
  return value as Command;
}

function text(command: Command, field: string): string {
  const value = command[field];
  if (typeof value !== 'string' || value === '') throw new SottoError('TERMINAL_COMMAND');
  return value;
}

function sayMessage(message: Message): void {
  const said = message.kind === 'text' || message.kind === 'attachment';
  say({ event: said ? 'message' : 'notice', ...publicMessage(message) });
}

function publicMessage(message: Message): Record<string, unknown> {
  const { cursor: _cursor, ...rest } = message;
  if (rest.kind !== 'attachment' || rest.file === undefined) return rest;
  // A preview is for eyes, and large.
  const { preview: _preview, ...file } = rest.file;
  return { ...rest, file };
}

function say(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
