// What sending and fetching attachments asks of the conversation or room that they belong to.
import type { HistoryOwner } from '../history/write.ts';
import type { RelaySession, WriterHandle } from '../net/index.ts';
import type { SpillPlan } from '../spill/plan.ts';
import type { SpillRef } from '../spill/ref.ts';
import type { Context } from '../context.ts';
import type { MessageId } from '../history/message.ts';

/** How far an attachment is. `waiting`: not now, it is tried again by itself. */
export interface Transfer {
  readonly id: MessageId;
  readonly direction: 'out' | 'in';
  readonly state: 'running' | 'waiting' | 'done' | 'stopped';
  readonly done: number;
  readonly length: number;
}

/** A conversation or a room, as its attachments see it. */
export interface FileHome {
  readonly owner: HistoryOwner;
  readonly context: Context;
  readonly stopped: AbortSignal;
  /** The session and the right to write under which a spill is made; undefined: not now. */
  lend(): Promise<{ readonly session: RelaySession; readonly against: WriterHandle } | undefined>;
  /** The session on which a spill is fetched. */
  sessionFor(ref: SpillRef): Promise<RelaySession>;
  /** Whether the one who reads a spill may remove it: there is only one. */
  readonly reader: 'only' | 'one-of-many';
  /** How long the relay is asked to keep a spill: as long as a message here. */
  ttlSeconds(): number;
  /**
   * The spill is whole at the relay: in one step its message is queued with this body and the file counts as sent under
   * this plan. @returns false: the message is gone. Throws, to be asked again later, where nothing may be said now.
   */
  announce(id: MessageId, body: Uint8Array, plan: SpillPlan): Promise<boolean>;
  /** The line says that its bytes are here now. */
  markHere(id: MessageId): Promise<void>;
  tell(transfer: Transfer): void;
  /** An error that no caller waits for. */
  trouble(error: unknown): void;
}
