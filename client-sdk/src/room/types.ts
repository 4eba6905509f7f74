// What people of this SDK see of a room: its card, its members, what happens in it, what its hosts may do. Types and
// the small constant sets behind them; the class that acts is room.ts, what travels is packet.ts and control.ts.
import type { Content } from '../conversation/conversation.ts';
import type { Transfer } from '../attachment/home.ts';
import type { Cursor, Message } from '../history/message.ts';

/** How people come in: by the link alone, by asking, by a link for one person, or not at all. */
export const DOORS = ['open', 'knock', 'invite', 'closed'] as const;
export type Door = (typeof DOORS)[number];

/** open: everyone may write · slow: with a pause between one's messages · read-only: hosts write · locked: nobody comes in, hosts write. */
export const MODES = ['open', 'slow', 'read-only', 'locked'] as const;
export type RoomMode = (typeof MODES)[number];

/** What a room does while no host is there: `closed` is read-only, and nobody comes in. */
export const UNHOSTED = ['slow', 'read-only', 'closed'] as const;
export type Unhosted = (typeof UNHOSTED)[number];

/** What kind of room it is, signed by the room's key: shown before anyone enters. */
export interface RoomCard {
  /** Rises with each change. */
  readonly revision: number;
  readonly title: string;
  /** An id of the topic catalogue, or one of the operator's own; '' for none. */
  readonly topic: string;
  /** What it is for, in a few sentences. */
  readonly focus: string;
  /** Accepted before entry, one sentence each. */
  readonly rules: readonly string[];
  /** The name that the host goes by. */
  readonly host: string;
  /** When a host is usually there, in words. */
  readonly hours: string;
  /** BCP 47, such as `en` or `pt-BR`. */
  readonly language: string;
  /** How long the relay keeps messages. */
  readonly retentionHours: number;
  /** Its door when the card was signed; `room.state.door` is how it is now. */
  readonly door: Door;
  readonly postQuantum: boolean;
  /** At most so many members. */
  readonly places: number;
  /** Without a host's sign for so long the room is `unhosted`; 0: it never is. */
  readonly unhostedAfterMinutes: number;
  readonly unhosted: Unhosted;
  /** Pause between one's messages while the room is slow. */
  readonly slowSeconds: number;
  /** For so long after coming in: no links, files or private requests, and a pause between messages. 0: no such limits. */
  readonly newcomerMinutes: number;
  /** Whether members send pictures, voice notes and files, or hosts alone. Unless said: not behind an open door. */
  readonly files: boolean;
}

/** What creating a room takes: a title, and whatever shall differ from the defaults. */
export type RoomCardInput = Pick<RoomCard, 'title'> & Partial<Omit<RoomCard, 'revision'>>;

declare const memberIdBrand: unique symbol;
/** A member's pseudonym key as 64 hex digits: the same for everyone in the room, another in every other room. */
export type MemberId = string & { readonly [memberIdBrand]: true };

export interface Member {
  readonly id: MemberId;
  /** What they call themselves; '' until they have said anything while you were there. */
  readonly name: string;
  readonly isMe: boolean;
  readonly isHost: boolean;
  /** By a host, for everyone. */
  readonly isMuted: boolean;
  /** Still under the newcomers' limits, as far as this device saw them come. */
  readonly isNew: boolean;
  /** By you, on this device. */
  readonly hidden: 'no' | 'muted' | 'blocked';
  /** 32 bytes that a picture may be drawn from. */
  readonly pictureSeed: Uint8Array;
}

/**
 * knocking: hosts have not answered · joining: on the way in · entering: in, but nobody's message has opened yet, so
 * nothing can be said · in · rejoining: this device lost its place and comes back · left · removed: by a host ·
 * refused: the hosts said no · closed: the relay or its operator ended it.
 */
export type RoomPhase =
  'knocking' | 'joining' | 'entering' | 'in' | 'rejoining' | 'left' | 'removed' | 'refused' | 'closed';

export interface RoomState {
  readonly phase: RoomPhase;
  readonly door: Door;
  /** As the hosts set it. */
  readonly mode: RoomMode;
  /** A host's sign is fresh enough. Where it isn't, `card.unhosted` holds besides `mode`. */
  readonly hosted: boolean;
  readonly isHost: boolean;
  readonly memberCount: number;
  /** Least pause between one's own messages that holds for me now; 0: none. */
  readonly pauseSeconds: number;
  /** Whether something said now would be taken; `why` says what stands against it. */
  readonly maySend: boolean;
  /** The same of a file. */
  readonly maySendFiles: boolean;
  readonly why?: 'entering' | 'muted' | 'read-only' | 'unhosted' | 'locked' | 'over';
  /** Until then nothing is shown as new: `takeABreak`. Unix milliseconds. */
  readonly breakUntil?: number;
  readonly pinned?: string;
  /** What members can count: ordered packets that meant nothing, messages that could not be opened or were not allowed. */
  readonly counts: { readonly voided: number; readonly unreadable: number; readonly refused: number };
}

/** What may be said in a room. A plain string is `{ type: 'text' }`. */
export type RoomContent =
  | (Extract<Content, { type: 'text' }> & { readonly mentions?: readonly MemberId[] })
  | Exclude<Content, { type: 'text' } | { type: 'timer' }>;

/** Somebody before the door. Hosts only. */
export interface Knock {
  readonly id: string;
  readonly member: MemberId;
  readonly name: string;
  /** What they want to say to the hosts. */
  readonly words: string;
  /** Unix milliseconds, by this device's clock. */
  readonly at: number;
}

/** What hosts did, as anybody in the room can see it. Each host's entries are signed and chained. */
export const HOST_ACTIONS = [
  'mute',
  'unmute',
  'remove',
  'ban',
  'unban',
  'door',
  'mode',
  'pin',
  'unpin',
  'remove-everything',
  'admit',
  'refuse',
  'add-host',
  'remove-host',
  'hand-over',
  'card',
] as const;
export type HostActionKind = (typeof HOST_ACTIONS)[number];

export interface HostAction {
  readonly kind: HostActionKind;
  readonly host: MemberId;
  /** Whom it was about. */
  readonly member?: MemberId;
  /** What it was set to, or the message that was pinned. */
  readonly value?: string;
  /** Unix milliseconds, by the host's clock. */
  readonly at: number;
}

export interface HostLog {
  /** Those that this device has seen, oldest first. */
  readonly actions: readonly HostAction[];
  /** How many there are, by host and kind, whether seen here or not: from the hosts' beacons. */
  readonly counts: readonly { readonly host: MemberId; readonly total: number; readonly seen: number }[];
  /** False where an entry that was seen contradicts its host's beacon. */
  readonly isConsistent: boolean;
}

/** Somebody here would like to talk in private. Nothing comes of it unless you accept. */
export interface TalkRequest {
  readonly id: string;
  readonly member: MemberId;
  readonly name: string;
  readonly words: string;
  readonly at: number;
}

/** What I want not to see, on this device and in this room only. Nobody learns of it. */
export interface RoomFilters {
  readonly muted: readonly MemberId[];
  readonly blocked: readonly MemberId[];
  /** Messages with one of these words are shown behind a warning. */
  readonly words: readonly string[];
  readonly hideLinks: boolean;
}

export interface RoomEvents {
  /** A new line that is not mine. */
  message: Message;
  /** A line was edited, retracted, reacted to, delivered, removed by a host, or found its place among the others. */
  change: Message;
  /** A message is gone, with everything of its author. */
  gone: { readonly id: string };
  delivered: { readonly id: string; readonly keptUntil: number };
  /** An attachment is on its way, in either direction. */
  transfer: Transfer;
  /** An attachment whose sending was cancelled is gone; its place in the history. */
  expired: Cursor;
  /** Phase, door, mode, members, hosting, pin. */
  state: RoomState;
  knock: Knock;
  talkRequest: TalkRequest;
  /** One of my own requests was answered; `conversation` where they want to. */
  talkAnswer: { readonly member: MemberId; readonly conversation?: string };
  hostAction: HostAction;
  /** I was mentioned. */
  mention: Message;
}

/** What lies behind a link, to be read before entering. Everything in it was checked against the link. */
export interface RoomPreview {
  readonly card: RoomCard;
  readonly door: Door;
  /** Open doors only: how many are in. */
  readonly memberCount?: number;
  /** A room that this persona is in already. */
  readonly room?: string;
}

export interface JoinOptions {
  /** A few words for the hosts, where the door asks for them. */
  readonly words?: string;
  /** What to be called in this room; the persona's name unless given. */
  readonly name?: string;
}
