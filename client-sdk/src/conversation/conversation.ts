// A conversation as people of this SDK use it: send, read, follow, search, leave. All work is the runner's; this file
// only gives it a shape.
import { type FileDetails, Files, type StoredFile } from '../attachment/files.ts';
import type { Transfer } from '../attachment/home.ts';
import { files } from '../attachment/record.ts';
import type { ByteSource } from '../spill/plan.ts';
import { deleteSpill } from '../spill/write.ts';
import type { Content as WireContent } from '../content/content.ts';
import { type Body, MAX_TEXT_BYTES, type Reaction, reactionNumber } from '../content/content.ts';
import { concatBytes, equalBytes, fromHex, sha256, toHex, utf8 } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import { Emitter, type Unsubscribe } from '../events.ts';
import { Expiry } from '../history/expiry.ts';
import { History, type HistoryRange } from '../history/history.ts';
import type { Cursor, Message, MessageId } from '../history/message.ts';
import type { Host } from '../context.ts';
import { Notes, notes } from '../notes.ts';
import { identityKeyOf, safetyCode, safetyNumber } from '../signal/session.ts';
import { loadSession } from './keys.ts';
import { CLOSED_BY, type ConversationRecord, conversationPath, KINDS, PHASES } from './record.ts';
import { ConversationRunner, type RunnerEvent } from './runner.ts';

export type { WireContent };

/** As long as a message waits in a mailbox. */
const FILE_TTL_SECONDS = 14 * 86_400;

/** What may be said. A plain string is `{ type: 'text' }`. */
export type Content =
  | {
      readonly type: 'text';
      readonly text: string;
      readonly replyTo?: MessageId;
      /** Shown first; the text stays behind it until it is asked for. */
      readonly warning?: string;
    }
  | {
      readonly type: 'reaction';
      readonly target: MessageId;
      readonly reaction: Reaction;
      readonly removed?: boolean;
    }
  | { readonly type: 'edit'; readonly target: MessageId; readonly text: string }
  | { readonly type: 'retract'; readonly target: MessageId }
  /** From now on, for both: messages disappear so long after they were sent or shown; 0: they stay. */
  | { readonly type: 'timer'; readonly seconds: number };

/** Resolved once it can't be lost here. */
export interface SentMessage {
  readonly id: MessageId;
  /** Resolves once the relay has it whole; `keptUntil`: Unix milliseconds. Stays open while there is no network. */
  readonly delivered: Promise<{ readonly keptUntil: number }>;
}

/** open · securing: the link is being made ours · leaving · closed, and why. */
export interface ConversationState {
  readonly phase: keyof typeof PHASES;
  readonly closedBy: keyof typeof CLOSED_BY;
  /** The peer has answered: messages may be longer, and the link's secret protects nothing any more. */
  readonly answered: boolean;
  readonly timerSeconds: number;
  readonly kind: keyof typeof KINDS;
}

export interface ConversationEvents {
  /** A new line that is not mine. */
  message: Message;
  /** A message was edited, retracted, reacted to or delivered. */
  change: Message;
  /** A timed message is gone; its place in the history. */
  expired: Cursor;
  delivered: { readonly id: MessageId; readonly keptUntil: number };
  /** An attachment is on its way, in either direction. */
  transfer: Transfer;
  state: ConversationState;
}

interface Peer {
  readonly name: string;
  /** 60 digits, the same on both sides, to be compared when people meet. */
  readonly safetyNumber: string;
  /** 32 bytes that a picture may be drawn from: they follow from the peer's key, which nobody else has. */
  readonly pictureSeed: Uint8Array;
}

/** One conversation. Objects stay valid and up to date as long as the client is open. */
export class Conversation {
  readonly id: string;
  /** For the app; gone with the conversation. */
  readonly notes: Notes;
  /** @internal */
  readonly runner: ConversationRunner;
  private readonly host: Host;
  private readonly history_: History;
  private readonly files: Files;
  private readonly expiry: Expiry;
  private readonly emitter = new Emitter<ConversationEvents>();
  private readonly waiting = new Map<string, (value: { keptUntil: number }) => void>();
  private peerIdentity: Uint8Array | undefined;

  /** @internal */
  constructor(host: Host, id: string, closed: (conversation: Conversation) => void) {
    this.host = host;
    this.id = id;
    const { vault, now } = host.context;
    this.notes = new Notes(vault, id, conversationPath(host.personaId, id));
    this.history_ = new History(vault, id, now);
    this.expiry = new Expiry({
      vault,
      owner: { personaId: host.personaId, conversationId: id },
      now,
      expired: (position) => {
        this.emitter.emit('expired', position as Cursor);
      },
    });
    this.runner = new ConversationRunner(host, id, (event) => {
      this.hear(event, closed);
    });
    this.files = new Files({
      owner: { personaId: host.personaId, conversationId: id },
      context: host.context,
      stopped: host.stopped,
      reader: 'only',
      ttlSeconds: () => FILE_TTL_SECONDS,
      lend: () => this.runner.lend(),
      // The spill lies where its message was: at the relay of my own mailbox.
      sessionFor: async () => host.session((await this.runner.record()).own, id),
      announce: (messageId, body, plan) => this.runner.announceFile(messageId, body, plan),
      markHere: async (messageId) => {
        await this.runner.changeFile(messageId, 'here');
      },
      tell: (transfer) => {
        this.emitter.emit('transfer', transfer);
      },
      trouble: (error) => {
        host.trouble(error);
      },
    });
  }

  /** Whom one talks with. */
  get peer(): Peer {
    const record = this.known();
    const { peerIdentity } = this;
    const { engine } = this.host.context;
    return {
      name: record.peerName,
      get safetyNumber(): string {
        if (peerIdentity === undefined) return '';
        const identity = { secret: record.identitySecret, registrationId: record.registrationId };
        return safetyNumber(engine, identityKeyOf(engine, identity), peerIdentity);
      },
      get pictureSeed(): Uint8Array {
        return sha256(concatBytes(utf8('sotto picture v1'), peerIdentity ?? record.id));
      },
    };
  }

  /**
   * The safety number as a code to be scanned, and what the peer's device must show in turn.
   * @returns undefined while the peer's key isn't known.
   */
  safetyCode(): { readonly mine: Uint8Array; matches(scanned: Uint8Array): boolean } | undefined {
    const { peerIdentity } = this;
    if (peerIdentity === undefined) return undefined;
    const record = this.known();
    const { engine } = this.host.context;
    const identity = { secret: record.identitySecret, registrationId: record.registrationId };
    const own = identityKeyOf(engine, identity);
    return {
      mine: safetyCode(engine, own, peerIdentity),
      matches: (scanned) => equalBytes(scanned, safetyCode(engine, peerIdentity, own)),
    };
  }

  get state(): ConversationState {
    const record = this.known();
    return {
      phase: nameOf(PHASES, record.phase),
      closedBy: nameOf(CLOSED_BY, record.closedBy),
      answered: record.answered,
      timerSeconds: record.timerSeconds,
      kind: nameOf(KINDS, record.kind),
    };
  }

  /**
   * Says something. Resolves once it is stored here and can't be lost any more.
   * @throws SottoError CONTENT_TOO_LONG, CONTENT_TARGET, CONVERSATION_CLOSED, STORE_…
   */
  async send(content: string | Content): Promise<SentMessage> {
    const body = toBody(typeof content === 'string' ? { type: 'text', text: content } : content);
    let resolve: (value: { keptUntil: number }) => void = () => undefined;
    const delivered = new Promise<{ keptUntil: number }>((done) => {
      resolve = done;
    });
    const forgetSpill = body.type === 'retract' ? await this.spillOf(toHex(body.target)) : undefined;
    const id = await this.runner.send(body, (contentId) => this.waiting.set(contentId, resolve));
    if (id === undefined) throw new SottoError('CONTENT_TARGET');
    forgetSpill?.();
    if (body.type === 'text') void this.sweepIfTimed();
    return { id: id as MessageId, delivered };
  }

  /**
   * Sends a file, at most 25 MiB, as it is: clean pictures first (`cleanPicture`). Resolves once it is stored here; it is
   * sent in the background, also after a restart. Progress comes by the event `transfer`.
   * @param input - The bytes, or where they can be read.
   * @throws SottoError FILE_TOO_LARGE, CONTENT_EMPTY, SPILL_SOURCE, SPILL_STOPPED (`signal`), CONVERSATION_CLOSED, STORE_…
   */
  async sendFile(
    input: Uint8Array | ByteSource,
    details: FileDetails,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SentMessage> {
    if (this.state.phase !== 'open') throw new SottoError('CONVERSATION_CLOSED');
    const taken = await this.files.take(input, details, options.signal);
    const id = toHex(taken.contentId);
    const delivered = new Promise<{ keptUntil: number }>((resolve) => this.waiting.set(id, resolve));
    await this.files.taken(id, () => this.runner.addFile(taken));
    this.files.uploads.wake();
    void this.sweepIfTimed().catch((error: unknown) => {
      this.host.trouble(error);
    });
    return { id: id as MessageId, delivered };
  }

  /** Ends the sending of a file that the peer has not heard of; its message goes. @throws SottoError CONTENT_TARGET. */
  async cancelFile(id: MessageId): Promise<void> {
    const message = await this.history_.withId(id);
    if (message?.kind !== 'attachment' || !message.mine || message.delivery !== 'waiting')
      throw new SottoError('CONTENT_TARGET');
    const forgetSpill = await this.spillOf(id);
    await this.files.uploads.cancel(id);
    const position = await this.runner.changeFile(id, 'gone');
    this.waiting.delete(id);
    if (position !== undefined) this.emitter.emit('expired', position as Cursor);
    forgetSpill?.();
  }

  /**
   * Fetches a received file and keeps it on this device; goes on where an earlier try stopped. At the relay it is then
   * removed. Progress comes by the event `transfer`; aborting `signal` stops it.
   * @throws SottoError SPILL_GONE, SPILL_DAMAGED, SPILL_STOPPED, FILE_ABSENT, NET_…, STORE_…
   */
  download(id: MessageId, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.files.download(id, options.signal);
  }

  /** A file that is here: fetched, or sent from here. @throws SottoError FILE_ABSENT. */
  openFile(id: MessageId): Promise<StoredFile> {
    return this.files.open(id);
  }

  /** What removes a spill of mine at the relay, while its keys are still here. */
  private async spillOf(id: string): Promise<(() => void) | undefined> {
    const record = await this.host.context.vault.read((view) => files.get(view, this.id, id));
    const plan = record?.plan;
    if (plan === undefined) return undefined;
    return () => {
      void this.files.uploads
        .cancel(id)
        .then(() => this.runner.lend())
        .then((lent) => (lent === undefined ? undefined : deleteSpill(lent.session, plan)))
        .catch((error: unknown) => {
          if (!hasCode(error, 'NET_CLOSED')) this.host.trouble(error);
        });
    };
  }

  /** Oldest first; the newest without `before` or `from`. */
  history(options: HistoryRange = {}): Promise<Message[]> {
    return this.history_.page(options);
  }

  /** One message or notice; undefined where it isn't there any more. */
  message(id: MessageId): Promise<Message | undefined> {
    return this.history_.withId(id);
  }

  /** What the peer says and what happens to the conversation, from now on, in order, each once. */
  messages(): AsyncIterableIterator<Message> {
    return this.history_.follow(this.history_.end());
  }

  search(text: string): Promise<Message[]> {
    return this.history_.search(text);
  }

  on<E extends keyof ConversationEvents>(
    event: E,
    listener: (value: ConversationEvents[E]) => void,
  ): Unsubscribe {
    return this.emitter.on(event, listener);
  }

  /** Never hear from this person here again. The history stays until `leave`. */
  async block(): Promise<void> {
    await this.runner.close(CLOSED_BY.block);
  }

  /** Tells the peer, then forgets the conversation with all its messages. */
  async leave(): Promise<void> {
    await this.host.context.vault.transact((tx) => tx.clear(notes, this.id));
    await this.runner.leave();
  }

  /** @internal */
  async load(): Promise<void> {
    const { vault } = this.host.context;
    await this.runner.record();
    // A state that is replaced while it is being read can't be opened; between transactions there is always one.
    const session =
      (await vault.read((view) => loadSession(view, this.id))) ??
      (await vault.transact((tx) => loadSession(tx, this.id)));
    this.peerIdentity = session?.peerIdentity;
  }

  /** @internal */
  start(): void {
    void this.expiry.sweep().catch((error: unknown) => {
      this.host.trouble(error);
    });
    this.runner.start();
    void this.files
      .tidy()
      .then(() => {
        this.files.start();
      })
      .catch((error: unknown) => {
        this.host.trouble(error);
      });
  }

  /** @internal */
  stop(): void {
    this.files.stop();
    this.runner.stop();
  }

  /** @internal Locked or closed: this object is over. */
  end(): void {
    this.files.stop();
    this.runner.stop();
    this.expiry.stop();
    this.history_.close();
  }

  private known(): ConversationRecord {
    const { latest } = this.runner;
    if (latest === undefined) throw new SottoError('CONVERSATION_GONE');
    return latest;
  }

  private async sweepIfTimed(): Promise<void> {
    if ((await this.runner.record()).timerSeconds > 0) await this.expiry.sweep();
  }

  private hear(event: RunnerEvent, closed: (conversation: Conversation) => void): void {
    switch (event.type) {
      case 'delivered': {
        const { id, keptUntil } = event;
        const value = { keptUntil: keptUntil * 1_000 };
        this.waiting.get(id)?.(value);
        this.waiting.delete(id);
        if (event.shown) this.emitter.emit('delivered', { id: id as MessageId, ...value });
        return;
      }
      case 'line':
        this.history_.announce(event.position);
        void this.announce('message', event.position);
        void this.expiry.sweep().catch(() => undefined);
        return;
      case 'changed':
        void this.announce('change', event.position);
        return;
      case 'secured':
      case 'closed':
      case 'leaving':
      case 'peer':
      case 'answered':
      case 'moved':
        if (event.type === 'closed') this.files.stop();
        this.emitter.emit('state', this.state);
        if (event.type === 'closed' || event.type === 'leaving') closed(this);
        return;
      case 'holding':
      case 'restarted':
      case 'republish':
    }
  }

  private async announce(event: 'message' | 'change', position: number): Promise<void> {
    const message = await this.history_.at(position).catch(() => undefined);
    if (message !== undefined) this.emitter.emit(event, message);
  }
}

function nameOf<T extends Record<string, number>>(table: T, value: number): keyof T {
  const found = Object.keys(table).find((name) => table[name] === value);
  return found ?? Object.keys(table)[0] ?? '';
}

function toBody(content: Content): Body {
  switch (content.type) {
    case 'text':
      return {
        type: 'text',
        text: checked(content.text),
        warning: content.warning ?? '',
        ...(content.replyTo === undefined ? {} : { replyTo: fromHex(content.replyTo) }),
      };
    case 'reaction':
      return {
        type: 'reaction',
        target: fromHex(content.target),
        reaction: reactionNumber(content.reaction),
        removed: content.removed ?? false,
      };
    case 'edit':
      return { type: 'edit', target: fromHex(content.target), text: checked(content.text) };
    case 'retract':
      return { type: 'retract', target: fromHex(content.target) };
    case 'timer':
      return { type: 'timer', seconds: content.seconds };
  }
}

function checked(text: string): string {
  if (text === '') throw new SottoError('CONTENT_EMPTY');
  if (utf8(text).length > MAX_TEXT_BYTES - 300) throw new SottoError('CONTENT_TOO_LONG');
  return text;
}
