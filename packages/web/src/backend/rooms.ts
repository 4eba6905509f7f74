// What the page asks of the worker about rooms, and what it is shown of them. A room is a conversation like any other
// in lists and threads; what it has besides stands here. Not its concern: what rooms may do (the SDK's rules).
import type {
  CircleWish,
  Directory,
  Door,
  HostLog,
  JoinOptions,
  Knock,
  Member,
  MemberId,
  RoomCard,
  RoomCardInput,
  RoomFilters,
  RoomMode,
  RoomPreview,
  RoomState,
  TalkRequest,
} from '@sotto/client';
import type { ConversationView } from './backend.ts';

/** What a conversation that is a room has besides. */
export interface RoomPart {
  readonly card: RoomCard;
  readonly state: RoomState;
  /** Hosts: how many wait before the door. */
  readonly knocks: number;
  /** How many would like to talk with me in private. */
  readonly talkRequests: number;
  /** Somebody named me since I last looked. */
  readonly mentioned: boolean;
}

/** What the screen about a room shows. */
export interface RoomDetails {
  readonly members: readonly Member[];
  readonly knocks: readonly Knock[];
  readonly talkRequests: readonly TalkRequest[];
  readonly filters: RoomFilters;
  readonly hostLog: HostLog;
}

/** Anything that one may do in a room besides talking. What only hosts may, the SDK refuses to others. */
export type RoomDeed =
  | { readonly deed: 'hide'; readonly member: MemberId; readonly how: Member['hidden'] }
  | { readonly deed: 'filter'; readonly words: readonly string[]; readonly hideLinks: boolean }
  | { readonly deed: 'break'; readonly minutes: number }
  | { readonly deed: 'ask-to-talk'; readonly member: MemberId; readonly words: string }
  | { readonly deed: 'answer-talk'; readonly request: string; readonly accept: boolean }
  | { readonly deed: 'admit' | 'refuse'; readonly knock: string }
  | { readonly deed: HostDeed; readonly member: MemberId }
  | { readonly deed: 'door'; readonly door: Door }
  | { readonly deed: 'mode'; readonly mode: RoomMode }
  | { readonly deed: 'pin'; readonly message: string | undefined };

/** What a host may do to a member. */
export type HostDeed =
  | 'mute'
  | 'unmute'
  | 'remove'
  | 'ban'
  | 'unban'
  | 'remove-everything'
  | 'add-host'
  | 'remove-host'
  | 'hand-over';

export interface RoomCalls {
  /** The topics and rooms that this site suggests; undefined where it suggests none. */
  directory(persona: string): Promise<Directory | undefined>;
  lookAtRoom(persona: string, link: string): Promise<RoomPreview>;
  joinRoom(persona: string, link: string, options: JoinOptions): Promise<ConversationView>;
  /** Asks for a small circle. Resolves with the room that it led to. */
  joinCircle(persona: string, wish: CircleWish): Promise<ConversationView>;
  createRoom(persona: string, card: RoomCardInput): Promise<ConversationView>;
  /** A link that lets people in as the door is; `one`: for one person, past the door. */
  roomLink(conversation: string, people: 'many' | 'one'): Promise<string>;
  roomDetails(conversation: string): Promise<RoomDetails>;
  roomDeed(conversation: string, deed: RoomDeed): Promise<void>;
}
