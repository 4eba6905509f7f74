// The part of --json mode that is about rooms and directories: one entry a command, as docs/sdk.md lists them, and the
// events that a room tells by itself. Reading lines and answering errors is json-mode.ts.
import { SottoError } from '../errors.ts';
import { sayError } from './errors.ts';
import type {
  CircleWish,
  Content,
  DirectoryKeeper,
  Door,
  Intent,
  MemberId,
  Message,
  MessageId,
  Persona,
  Reaction,
  Room,
  RoomCardInput,
  RoomContent,
  RoomMode,
} from '../index.ts';

type Fields = Readonly<Record<string, unknown>>;
type Say = (event: Record<string, unknown>) => void;
type RoomAct = (room: Room, command: Fields) => Promise<Record<string, unknown> | undefined>;

const done = (event: string) => ({ event });

/** @throws SottoError TERMINAL_COMMAND where the field isn't a text. */
function text(command: Fields, field: string): string {
  const value = command[field];
  if (typeof value !== 'string' || value === '') throw new SottoError('TERMINAL_COMMAND');
  return value;
}

function optionalText(command: Fields, field: string): string | undefined {
  return command[field] === undefined ? undefined : text(command, field);
}

const member = (command: Fields): MemberId => text(command, 'member') as MemberId;
const limitOf = (command: Fields): number => (typeof command['limit'] === 'number' ? command['limit'] : 50);

/** What may be done in one room. Each answers with one event, or with none where an event of the room says it. */
const ROOM_ACTS: Readonly<Record<string, RoomAct>> = {
  roomHistory: async (room, command) => {
    const messages = await room.history({ limit: limitOf(command) });
    return { event: 'roomHistory', messages: messages.map(publicMessage) };
  },
  roomSearch: async (room, command) => {
    const messages = await room.search(text(command, 'text'));
    return { event: 'roomSearch', messages: messages.map(publicMessage) };
  },
  members: async (room) => ({
    event: 'members',
    members: (await room.members()).map(({ pictureSeed: _, ...rest }) => rest),
  }),
  roomLink: async (room) => ({ event: 'roomLink', link: await room.link() }),
  roomInvite: async (room) => ({ event: 'roomInvite', link: (await room.invite()).link }),
  knocks: async (room) => ({ event: 'knocks', knocks: await room.knocks() }),
  admit: (room, command) => room.admit(text(command, 'knock')).then(() => done('admitted')),
  refuse: (room, command) => room.refuse(text(command, 'knock')).then(() => done('refused')),
  remove: (room, command) => room.remove(member(command)).then(() => done('removed')),
  ban: (room, command) => room.ban(member(command)).then(() => done('banned')),
  unban: (room, command) => room.unban(member(command)).then(() => done('unbanned')),
  mute: (room, command) =>
    (command['forAll'] === true ? room.muteForAll(member(command)) : room.mute(member(command))).then(() =>
      done('muted'),
    ),
  unmute: (room, command) =>
    (command['forAll'] === true ? room.unmuteForAll(member(command)) : room.unmute(member(command))).then(
      () => done('unmuted'),
    ),
  removeEverythingFrom: (room, command) =>
    room.removeEverythingFrom(member(command)).then(() => done('removedEverything')),
  setDoor: (room, command) => room.setDoor(text(command, 'door') as Door).then(() => done('door')),
  setMode: (room, command) => {
    const { slowSeconds } = command;
    const options = typeof slowSeconds === 'number' ? { slowSeconds } : {};
    return room.setMode(text(command, 'mode') as RoomMode, options).then(() => done('mode'));
  },
  setCard: (room, command) => room.setCard(cardOf(command)).then(() => done('card')),
  pin: (room, command) =>
    room.pin(optionalText(command, 'id') as MessageId | undefined).then(() => done('pinned')),
  addHost: (room, command) => room.addHost(member(command)).then(() => done('host')),
  removeHost: (room, command) => room.removeHost(member(command)).then(() => done('host')),
  handOver: (room, command) => room.handOver(member(command)).then(() => done('handedOver')),
  hostLog: async (room) => ({ event: 'hostLog', ...(await room.hostLog()) }),
  setFilters: async (room, command) => {
    const { words, hideLinks } = command;
    await room.setFilters({
      ...(Array.isArray(words) ? { words: words.map(String) } : {}),
      ...(typeof hideLinks === 'boolean' ? { hideLinks } : {}),
    });
    return { event: 'filters', ...room.filters };
  },
  takeABreak: (room, command) =>
    room.takeABreak(typeof command['minutes'] === 'number' ? command['minutes'] : 0).then(() => undefined),
  talkWith: (room, command) =>
    room.talkWith(member(command), optionalText(command, 'words') ?? '').then(() => done('talkAsked')),
  talkRequests: async (room) => ({ event: 'talkRequests', requests: await room.talkRequests() }),
  acceptTalk: (room, command) => room.acceptTalk(text(command, 'request')).then(() => done('talkAccepted')),
  declineTalk: (room, command) => room.declineTalk(text(command, 'request')).then(() => done('talkDeclined')),
  leaveRoom: (room) => room.leave().then(() => done('roomLeft')),
};

export class JsonRooms {
  private readonly persona: Persona;
  private readonly say: Say;
  private readonly known = new Map<string, Room>();
  /** Content id → what the command that sent it is called by. */
  readonly refs = new Map<string, unknown>();

  constructor(persona: Persona, say: Say) {
    this.persona = persona;
    this.say = say;
  }

  async begin(): Promise<void> {
    this.persona.on('room', (room) => {
      this.follow(room);
    });
    for (const room of await this.persona.rooms()) this.follow(room);
  }

  /** @returns whether it was a command of this part. */
  async run(command: Fields & { readonly cmd: string }): Promise<boolean> {
    const act = ROOM_ACTS[command.cmd];
    if (act !== undefined) {
      const room = this.room(command);
      const answer = await act(room, command);
      if (answer !== undefined) this.say({ ...answer, room: room.id });
      return true;
    }
    switch (command.cmd) {
      case 'createRoom':
        this.answer(await this.persona.createRoom(cardOf(command)));
        return true;
      case 'lookAtRoom':
        this.say({ event: 'roomPreview', ...(await this.persona.lookAtRoom(text(command, 'link'))) });
        return true;
      case 'joinRoom': {
        const words = optionalText(command, 'words');
        const name = optionalText(command, 'name');
        const options = {
          ...(words === undefined ? {} : { words }),
          ...(name === undefined ? {} : { name }),
        };
        this.answer(await this.persona.joinRoom(text(command, 'link'), options));
        return true;
      }
      case 'rooms': {
        const rooms = await this.persona.rooms();
        this.say({ event: 'rooms', rooms: rooms.map(publicRoom) });
        return true;
      }
      case 'roomSend':
        await this.send(command);
        return true;
      default:
        return this.runTopics(command);
    }
  }

  private async runTopics(command: Fields & { readonly cmd: string }): Promise<boolean> {
    const topics = () => this.persona.topics();
    switch (command.cmd) {
      case 'topics':
        this.say({ event: 'topics', ...(await (await topics()).open(text(command, 'directory'))) });
        return true;
      case 'joinCircle': {
        const [topic, language, intent] = ['topic', 'language', 'intent'].map((field) =>
          text(command, field),
        );
        const wish = { topic, language, intent } as CircleWish;
        this.answer(await (await topics()).joinCircle(text(command, 'directory'), wish));
        return true;
      }
      case 'createDirectory': {
        const made = await (await topics()).create({ name: text(command, 'name') });
        this.say({ event: 'directory', directory: made.link, name: made.name });
        return true;
      }
      case 'listRoom': {
        const keeper = await this.keeper(command);
        const intent = optionalText(command, 'intent') as Intent | undefined;
        const topic = optionalText(command, 'topic');
        const options = {
          ...(topic === undefined ? {} : { topic }),
          ...(intent === undefined ? {} : { intent }),
        };
        await keeper.listRoom(text(command, 'link'), options);
        this.say({ event: 'listed', directory: keeper.link, revision: keeper.revision });
        return true;
      }
      case 'unlistRoom': {
        const keeper = await this.keeper(command);
        await keeper.unlist(text(command, 'link'));
        this.say({ event: 'unlisted', directory: keeper.link, revision: keeper.revision });
        return true;
      }
      case 'refreshDirectory': {
        const keeper = await this.keeper(command);
        await keeper.refresh();
        this.say({ event: 'directory', directory: keeper.link, revision: keeper.revision });
        return true;
      }
      default:
        return false;
    }
  }

  private async keeper(command: Fields): Promise<DirectoryKeeper> {
    const all = await (await this.persona.topics()).list();
    const wanted = optionalText(command, 'directory');
    const found = all.find(({ link }) => wanted === undefined || link === wanted);
    if (found === undefined) throw new SottoError('DIRECTORY_GONE');
    return found;
  }

  private async send(command: Fields): Promise<void> {
    const room = this.room(command);
    const sent = await room.send(contentOf(command));
    if ('ref' in command) this.refs.set(sent.id, command['ref']);
    const ref = 'ref' in command ? { ref: command['ref'] } : {};
    this.say({ event: 'stored', room: room.id, ...ref, id: sent.id });
  }

  /** @throws SottoError ROOM_GONE */
  room(command: Fields): Room {
    const found = this.known.get(text(command, 'room'));
    if (found === undefined) throw new SottoError('ROOM_GONE');
    return found;
  }

  private answer(room: Room): void {
    this.follow(room);
    this.say({ event: 'room', ...publicRoom(room) });
  }

  private follow(room: Room): void {
    if (this.known.get(room.id) === room) return;
    this.known.set(room.id, room);
    const { say } = this;
    const { id } = room;
    void this.tell(room).catch((error: unknown) => {
      this.say({ event: 'error', cmd: null, ...sayError(error) });
    });
    let shown = '';
    room.on('state', (state) => {
      const line = JSON.stringify(state);
      if (line === shown) return;
      shown = line;
      say({ event: 'roomState', room: id, ...state });
    });
    room.on('change', (message) => {
      say({ event: 'roomChange', room: id, ...publicMessage(message) });
    });
    room.on('gone', (gone) => {
      say({ event: 'roomGone', room: id, ...gone });
    });
    room.on('transfer', (transfer) => {
      const ref = this.refs.get(transfer.id);
      say({ event: 'progress', room: id, ...(ref === undefined ? {} : { ref }), ...transfer });
    });
    room.on('delivered', (delivered) => {
      const ref = this.refs.get(delivered.id);
      this.refs.delete(delivered.id);
      say({ event: 'delivered', room: id, ...(ref === undefined ? {} : { ref }), ...delivered });
    });
    room.on('knock', ({ id: knock, ...rest }) => {
      say({ event: 'knock', room: id, knock, ...rest });
    });
    room.on('talkRequest', ({ id: request, ...rest }) => {
      say({ event: 'talkRequest', room: id, request, ...rest });
    });
    room.on('talkAnswer', (answer) => {
      say({ event: 'talkAnswer', room: id, ...answer });
    });
    room.on('hostAction', (action) => {
      say({ event: 'hostAction', room: id, ...action });
    });
  }

  /** Says each new message once, in the room's order. */
  private async tell(room: Room): Promise<void> {
    for await (const message of room.messages()) {
      const isSaid = message.kind === 'text' || message.kind === 'attachment';
      const event = isSaid ? 'roomMessage' : 'roomNotice';
      this.say({ event, ...publicMessage(message), room: room.id });
    }
  }
}

function contentOf(command: Fields): RoomContent {
  const target = command['target'] as MessageId | undefined;
  if (target !== undefined && typeof command['reaction'] === 'string') {
    const removed = command['removed'] === true;
    return { type: 'reaction', target, reaction: command['reaction'] as Reaction, removed };
  }
  if (target !== undefined && command['retract'] === true) return { type: 'retract', target };
  if (target !== undefined) return { type: 'edit', target, text: text(command, 'text') };
  const { replyTo, warning, mentions } = command;
  const said: Extract<Content, { type: 'text' }> = {
    type: 'text',
    text: text(command, 'text'),
    ...(typeof replyTo === 'string' ? { replyTo: replyTo as MessageId } : {}),
    ...(typeof warning === 'string' ? { warning } : {}),
  };
  return Array.isArray(mentions) ? { ...said, mentions: mentions.map((id) => String(id) as MemberId) } : said;
}

function cardOf(command: Fields): RoomCardInput {
  const { card } = command;
  if (typeof card !== 'object' || card === null) throw new SottoError('TERMINAL_COMMAND');
  return card as RoomCardInput;
}

function publicRoom(room: Room): Record<string, unknown> {
  const { id, name, me, card, state } = room;
  return { room: id, name, me, card, ...state };
}

function publicMessage(message: Message): Record<string, unknown> {
  const { cursor: _cursor, conversation: _conversation, ...rest } = message;
  if (rest.kind !== 'attachment' || rest.file === undefined) return rest;
  // A preview is for eyes, and large.
  const { preview: _preview, ...file } = rest.file;
  return { ...rest, file };
}
