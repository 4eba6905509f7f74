// What people of this SDK see of a persona beside its methods, and what its client gives it. Types only.
import type { Context } from '../context.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { SessionStatus } from '../net/index.ts';
import type { Room } from '../room/room.ts';
import type { Persona } from './persona.ts';
import type { NetworkOptions } from './sessions.ts';

/**
 * offline: not connected, by choice or for want of a network · connecting · online: every relay in use answers ·
 * refused: a relay showed another key or speaks no common version · moved: this profile was imported elsewhere.
 */
export type PersonaState = 'offline' | 'connecting' | 'online' | 'refused' | 'moved';

export interface PersonaEvents {
  /** A newcomer's first message is in, or a link was accepted. */
  conversation: Conversation;
  /** A room was made or joined. */
  room: Room;
  state: PersonaState;
  /** One of `connections()` changed. */
  connection: readonly SessionStatus[];
  /** Something failed that nobody waits for. */
  trouble: unknown;
}

/** An invite that may still be used. */
export interface Invite {
  readonly id: string;
  readonly kind: 'once' | 'standing';
  readonly link: string;
  readonly createdAt: number;
  /** Unix milliseconds; a standing address has none. */
  readonly expiresAt?: number;
  /** Nobody can use the link from then on. */
  revoke(): Promise<void>;
}

/** What a persona is given by its client. */
export interface PersonaSetup {
  readonly context: Context;
  readonly network: NetworkOptions;
  /** Of the web client: links open it. */
  readonly origin: string | undefined;
  /** Called before it connects: by default one persona is online at a time. */
  readonly beforeConnect: (persona: Persona) => Promise<void>;
  readonly gone: (persona: Persona) => void;
}
