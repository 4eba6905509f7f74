// A persona's conversations: one object for each, handed out again and again, and the way into a new one by a link.
// What one conversation does is its runner's.
import type { Link } from '@sotto/wire';
import { Conversation } from '../conversation/conversation.ts';
import { forgetConversation } from '../conversation/forget.ts';
import type { RelayPin } from '../conversation/mailbox.ts';
import {
  type Attribution,
  CLOSED_BY,
  type ConversationRecord,
  conversations,
  PHASES,
} from '../conversation/record.ts';
import { hasCode, SottoError } from '../errors.ts';
import { beginConversation, findAccepted, parseInvite, readInvite } from '../invite/accept.ts';
import type { InviteHost } from '../invite/invite-runner.ts';
import type { SlotBlock } from '../net/index.ts';
import type { Transaction } from '../store/index.ts';
import { unlessRefused, within } from './patience.ts';

/** As whom one accepts a link. */
export interface Accepting {
  readonly ownName: string;
  readonly attribution?: Attribution;
  /** @throws SottoError PERSONA_OFFLINE, PERSONA_MOVED */
  needOnline(): void;
  home(): Promise<RelayPin | undefined>;
  /** What lies behind the link, where it was asked for already. */
  ahead(link: Link): Promise<SlotBlock | undefined> | undefined;
  /** It is written down, and its link is being made ours. */
  securing(conversation: Conversation): void;
}

export class ConversationsPart {
  private readonly host: InviteHost;
  private readonly begun: (conversation: Conversation) => void;
  private readonly open = new Map<string, Conversation>();

  /** @param begun - called with each conversation that was not there before. */
  constructor(host: InviteHost, begun: (conversation: Conversation) => void) {
    this.host = host;
    this.begun = begun;
  }

  /** All that are not left, oldest first. */
  async list(): Promise<Conversation[]> {
    return this.load(({ phase, closedBy }) => {
      if (phase === PHASES.leaving && closedBy !== CLOSED_BY.retired) return false;
      return closedBy !== CLOSED_BY.used;
    });
  }

  /** Goes online with all of them, also with those whose last word the peer has not got yet. */
  async start(stopped: AbortSignal): Promise<void> {
    const all = await this.load(({ closedBy }) => closedBy !== CLOSED_BY.used);
    if (stopped.aborted) return;
    for (const conversation of all) conversation.start();
  }

  stop(): void {
    for (const conversation of this.open.values()) conversation.stop();
  }

  /** What was handed out is over. */
  end(): void {
    for (const conversation of this.open.values()) conversation.end();
    this.open.clear();
  }

  /** Made where it isn't yet; neither loaded nor started. */
  get(id: string): Conversation {
    const known = this.open.get(id);
    if (known !== undefined) return known;
    const conversation = new Conversation(this.host, id, (closed) => {
      if (closed.state.phase === 'closed' && closed.state.closedBy === 'me') this.open.delete(closed.id);
    });
    this.open.set(id, conversation);
    return conversation;
  }

  /** @throws as `Persona.accept`. */
  async accept(text: string, as: Accepting): Promise<Conversation> {
    const { context, personaId } = this.host;
    const link = parseInvite(text);
    const known = await findAccepted(context, personaId, link);
    const id = known ?? (await within(context.pace.patienceMs, this.begin(link, as)));
    const conversation = await this.adopt(id);
    if (conversation.state.phase === 'securing') {
      as.securing(conversation);
      await this.secure(conversation);
    }
    if (known === undefined) {
      conversation.start();
      this.begun(conversation);
    }
    return conversation;
  }

  /** A newcomer's first message made this conversation. */
  async welcome(id: string): Promise<void> {
    const conversation = this.open.get(id);
    if (conversation === undefined) return;
    await conversation.load();
    this.begun(conversation);
    // One that came by a standing address reads its own mailbox only after the first answer.
    if (conversation.state.kind === 'standing') conversation.start();
  }

  /** For burning: what the relay keeps is deleted by what is returned, after the keys here are gone. */
  prepareDeletions(): Promise<(() => Promise<void>)[]> {
    return Promise.all([...this.open.values()].map((conversation) => conversation.runner.prepareDeletion()));
  }

  /** For burning: every row of every conversation, inside the transaction that erases the persona's key. */
  async forgetAll(tx: Transaction): Promise<void> {
    const ids: string[] = [];
    for await (const { key } of conversations.scan(tx, this.host.personaId)) ids.push(key);
    for (const id of ids) await forgetConversation(tx, this.host.personaId, id);
  }

  private async begin(link: Link, as: Accepting): Promise<string> {
    as.needOnline();
    const session = this.host.session(link, 'accept');
    const read = readInvite(this.host.context, session, link, as.ahead(link));
    const bundle = await unlessRefused(session, read);
    return beginConversation(this.host, link, bundle, {
      home: await as.home(),
      ownName: as.ownName,
      ...(as.attribution === undefined ? {} : { attribution: as.attribution }),
    });
  }

  private async secure(conversation: Conversation): Promise<void> {
    const { context, personaId } = this.host;
    try {
      await within(context.pace.patienceMs, conversation.runner.secure());
      await conversation.load();
    } catch (error) {
      if (!hasCode(error, 'NET_LINK_DEAD') && !hasCode(error, 'NET_SUPERSEDED')) throw error;
      conversation.stop();
      this.open.delete(conversation.id);
      await context.vault.transact((tx) => forgetConversation(tx, personaId, conversation.id));
      throw new SottoError('INVITE_USED', { cause: error });
    }
  }

  private async load(wanted: (record: ConversationRecord) => boolean): Promise<Conversation[]> {
    const rows: { id: string; createdAt: number }[] = [];
    await this.host.context.vault.read(async (view) => {
      for await (const { key, value } of conversations.scan(view, this.host.personaId)) {
        if (wanted(value)) rows.push({ id: key, createdAt: value.createdAt });
      }
    });
    rows.sort((a, b) => a.createdAt - b.createdAt);
    return Promise.all(rows.map((row) => this.adopt(row.id)));
  }

  private async adopt(id: string): Promise<Conversation> {
    const conversation = this.get(id);
    await conversation.load();
    return conversation;
  }
}
