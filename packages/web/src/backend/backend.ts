// What the page asks of the worker that holds keys, storage and the network, and what it hears from it. The page shows
// state; it holds no key and no protocol. Everything here survives structured clone. Not its concern: how it's shown.
import type { RoomNotice } from '@sotto/client';
import type { RoomCalls, RoomPart } from './rooms.ts';

/** Where the person stands before anything else can be shown. */
export type Boot =
  | { readonly state: 'fresh' } //                      nothing stored: the first screen
  | { readonly state: 'locked'; readonly method: 'pin' | 'passphrase' }
  | { readonly state: 'open' }
  | { readonly state: 'elsewhere' } //                  another tab holds the store; may be taken over
  | { readonly state: 'lost' } //                       the browser evicted the store
  | { readonly state: 'damaged'; readonly kind: DamageKind; readonly code: string }
  | { readonly state: 'unsupported'; readonly what: 'storage' | 'wasm' | 'worker' }; // private mode gives no storage

/** `newer-version`: a newer client wrote the store; `foreign`: it belongs to something else; `corrupt`: it can't be read. */
export type DamageKind = 'corrupt' | 'newer-version' | 'foreign';

/** `not-persistent`: the browser may throw the store away when it needs room. */
export type TroubleKind = 'disk-full' | 'relay-store-lost' | 'not-persistent' | 'other';

export interface InviteView {
  readonly id: string;
  readonly persona: string;
  readonly link: string;
  /** ms since 1970, when the link stops working; undefined where that isn't known. */
  readonly until?: number;
}

export interface PersonaView {
  readonly id: string;
  readonly name: string;
  /** 32 bytes the picture is drawn from. */
  readonly pictureSeed: Uint8Array;
  readonly online: boolean;
  /** Stays online also while another persona is used. */
  readonly stays: boolean;
  readonly retired: boolean;
}

export type Delivery =
  | { readonly state: 'waiting' } //                     stored here, on its way
  | { readonly state: 'kept'; readonly until: number } // the relay has it, until (ms since 1970)
  | { readonly state: 'failed'; readonly code: string };

export interface MessageView {
  readonly id: string;
  readonly mine: boolean;
  /** ms since 1970. */
  readonly at: number;
  /** Rises in the order in which messages are shown; `at` is the author's clock, which may be wrong. */
  readonly order: number;
  readonly kind: 'text' | 'attachment' | 'gap' | 'restart' | 'newer-version' | 'retracted' | 'notice';
  /** attachment: what was sent. Its name is safe to show, its type is only its sender's word. */
  readonly file?: FileView;
  /** attachment: on its way, in either direction; bytes so far. */
  readonly moved?: number;
  /** gap: how many messages are missing. */
  readonly missing?: number;
  /** notice: about what. */
  readonly notice?: NoticeView;
  /** Rooms: who said it. */
  readonly author?: AuthorView;
  /** Rooms: it names me. */
  readonly mentionsMe?: boolean;
  readonly text?: string;
  readonly edited?: boolean;
  readonly warning?: string;
  readonly replyTo?: {
    readonly id: string;
    readonly mine: boolean;
    readonly excerpt: string;
    /** A file about which its sender said nothing. */
    readonly attached?: FileView['kind'];
    /** Rooms: who said that. */
    readonly name?: string;
  };
  /** Rooms: `count` people said it, me among them where `mine`. */
  readonly reactions: readonly {
    readonly reaction: Reaction;
    readonly mine: boolean;
    readonly count?: number;
  }[];
  /** When it will be gone here, ms since 1970. */
  readonly expiresAt?: number;
  readonly delivery?: Delivery;
}

/** A file, a picture or a voice note. `isHere`: its bytes are on this device. */
export interface FileView {
  readonly kind: 'file' | 'picture' | 'voice';
  readonly mediaType: string;
  readonly name: string;
  readonly length: number;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  readonly preview?: Uint8Array;
  readonly isHere: boolean;
  /** ms since 1970 until which the relay keeps it; 0: not there yet. */
  readonly keptUntil: number;
}

export interface AuthorView {
  readonly id: string;
  readonly name: string;
  readonly pictureSeed: Uint8Array;
}

/** `relay`: the relay lost what it kept, messages may be missing · `left`, `retired`: the other person is gone. */
export type NoticeView =
  | { readonly what: 'timer'; readonly seconds: number }
  | { readonly what: 'relay'; readonly direction: 'incoming' | 'outgoing' }
  | { readonly what: 'left' | 'retired' }
  | { readonly what: 'room'; readonly event: RoomNotice; readonly name?: string };

export type Reaction = 'with-you' | 'me-too' | 'thank-you' | 'take-your-time' | 'a-hug';

export interface ConversationView {
  readonly id: string;
  readonly persona: string;
  readonly name: string;
  readonly pictureSeed: Uint8Array;
  readonly excerpt: string;
  /** The last message is a file about which its sender said nothing. */
  readonly attached?: FileView['kind'];
  readonly at: number;
  readonly unread: number;
  readonly timerSeconds: number;
  /** `securing`: its link is being made ours; `refused`: whoever runs the relay closed it; `blocked`: the person did. */
  readonly state:
    | 'securing'
    | 'waiting-for-answer'
    | 'open'
    | 'peer-retired'
    | 'peer-left'
    | 'blocked'
    | 'refused'
    | 'left';
  readonly draft: string;
  /** The safety number was compared by the person: they know who this is. */
  readonly compared?: boolean;
  /** It is a room. */
  readonly room?: RoomPart;
}

export type ConnectionView = 'connecting' | 'online' | 'offline' | 'waiting' | 'refused';

export type BackendEvent =
  | { readonly type: 'boot'; readonly boot: Boot }
  | { readonly type: 'personas'; readonly personas: readonly PersonaView[] }
  | { readonly type: 'conversations'; readonly conversations: readonly ConversationView[] }
  | {
      readonly type: 'messages';
      readonly conversation: string;
      readonly changed: readonly MessageView[];
      readonly removed: readonly string[];
    }
  | {
      readonly type: 'connection';
      readonly state: ConnectionView;
      readonly code?: string;
      readonly clockSkewMs?: number;
    }
  | { readonly type: 'promise'; readonly view: PromiseView }
  /** Members, knocks, requests or the log of a room are not what they were. */
  | { readonly type: 'room'; readonly conversation: string }
  /** A fenced or lost store is a `boot` event instead: nothing can go on. */
  | { readonly type: 'trouble'; readonly kind: TroubleKind; readonly code: string };

/** What the relay published, and whether it keeps it. */
export interface PromiseView {
  readonly relay: string;
  readonly checked: boolean;
  readonly mismatches: readonly ('relay-key' | 'protocol' | 'sizes' | 'version' | 'ttl' | 'time')[];
  readonly ttlDays: { readonly mailbox: number };
  readonly durability: 'fsync' | 'everysec' | 'memory';
  readonly admission: 'open' | 'tokens';
  readonly operator: { readonly name?: string; readonly contact?: string };
  readonly software: string;
}

export interface SendDraft {
  readonly text: string;
  readonly replyTo?: string;
  readonly warning?: string;
  /** Rooms: members who are named. */
  readonly mentions?: readonly string[];
}

/** A file as it is to be sent: pictures and sounds were encoded anew by the page, so that they hold nothing else. */
export interface FileDraft {
  readonly bytes: Blob;
  readonly kind: FileView['kind'];
  readonly mediaType: string;
  readonly name: string;
  readonly description: string;
  readonly preview?: Uint8Array;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/** Every call may reject with { code, retry }: codes are docs/errors.md's; the page turns them into words. */
export interface Backend extends RoomCalls {
  /** Nothing says that anything was ever stored here: the first screen needn't wait for `boot`, which has the last word. */
  readonly isFirstVisit: boolean;
  boot(): Promise<Boot>;
  /** First use: makes the store and the first persona; `secret` undefined keeps the key on the device unprotected. */
  begin(options: {
    name: string;
    /** 32 bytes for the picture of the first persona, as it was shown before. */
    pictureSeed?: Uint8Array;
    secret?: { method: 'pin' | 'passphrase'; value: string };
  }): Promise<void>;
  unlock(secret: string): Promise<void>;
  lock(): Promise<void>;
  takeOver(): Promise<void>;
  setSecret(
    secret: { method: 'pin' | 'passphrase'; value: string } | undefined,
    current?: string,
  ): Promise<void>;
  wipe(): Promise<void>;

  createPersona(name: string, pictureSeed?: Uint8Array): Promise<PersonaView>;
  /** One persona is online at a time, and those that stay. */
  setOnline(persona: string, online: boolean): Promise<void>;
  /** A persona that stays is online also while others are used. */
  setStays(persona: string, stays: boolean): Promise<void>;
  retirePersona(persona: string): Promise<void>;
  burnPersona(persona: string): Promise<void>;

  createInvite(persona: string): Promise<InviteView>;
  /** Invites of this persona that nobody has used yet. */
  invites(persona: string): Promise<readonly InviteView[]>;
  revokeInvite(id: string): Promise<void>;
  /** The person said yes to this invite, and `accept` follows: the line to its relay is opened meanwhile. */
  dialAhead(link: string): void;
  /** @param persona - Undefined: the one that `begin` makes, which was asked for just before. */
  accept(persona: string | undefined, link: string): Promise<ConversationView>;

  /** Newest page first call; `before` pages back. Messages ascend in time. */
  history(
    conversation: string,
    options: { before?: string; limit: number },
  ): Promise<{ readonly messages: readonly MessageView[]; readonly more: boolean }>;
  search(
    text: string,
    conversation?: string,
  ): Promise<readonly { readonly conversation: string; readonly message: MessageView }[]>;
  send(conversation: string, draft: SendDraft): Promise<MessageView>;
  /** Stored once this resolves; progress comes with the message. */
  sendFile(conversation: string, file: FileDraft): Promise<void>;
  /** Mine, and not announced yet. */
  cancelFile(conversation: string, message: string): Promise<void>;
  /** Fetches what isn't here yet. */
  openFile(conversation: string, message: string): Promise<Blob>;
  stopFile(conversation: string, message: string): Promise<void>;
  retry(conversation: string, message: string): Promise<void>;
  react(conversation: string, message: string, reaction: Reaction | undefined): Promise<void>;
  edit(conversation: string, message: string, text: string): Promise<void>;
  retract(conversation: string, message: string): Promise<void>;
  setTimer(conversation: string, seconds: number): Promise<void>;
  saveDraft(conversation: string, text: string): Promise<void>;
  markRead(conversation: string): Promise<void>;
  safetyNumber(conversation: string): Promise<{ readonly digits: string; readonly scannable: Uint8Array }>;
  /** The person compared the digits, or takes that back. */
  markCompared(conversation: string, compared: boolean): Promise<void>;
  compareScanned(conversation: string, scanned: Uint8Array): Promise<boolean>;
  block(conversation: string): Promise<void>;
  leave(conversation: string): Promise<void>;
  remove(conversation: string): Promise<void>;

  exportAll(passphrase: string): Promise<Blob>;
  importAll(file: Blob, passphrase: string): Promise<void>;
  promise(): Promise<PromiseView>;
  /** The network is back, the page is visible: try now. */
  poke(): Promise<void>;

  on(listener: (event: BackendEvent) => void): () => void;
  /** Ends the worker at once, without an answer: keys and network are gone when this returns. Nothing works after it. */
  drop(): void;
}
