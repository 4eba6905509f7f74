// Drives one invite of mine: makes its mailbox, keeps its bundle published, and turns a newcomer's first message into
// a conversation, in one transaction. A one-time invite ends with that; a standing address serves many.
import { signBundle } from '../content/bundle.ts';
import type { Packet } from '../content/packet.ts';
import { asKey, boxKeyPair, type BoxKeyPair, boxPublicKey, fromHex, toHex } from '../crypto/index.ts';
import type { Host } from '../context.ts';
import {
  dropPreKeys,
  firstUseKey,
  type KeyOwner,
  loadPreKeys,
  saveBoxKey,
  savePreKeys,
  saveSession,
  secretsOf,
} from '../conversation/keys.ts';
import { newOwnMailbox, type OwnMailbox, peerMailboxAt, type RelayPin } from '../conversation/mailbox.ts';
import { openMessage, type Opened, type SessionMessage } from '../conversation/open.ts';
import { forgetInvite } from '../conversation/forget.ts';
import { type MailboxHome, OwnedMailbox } from '../conversation/owned-mailbox.ts';
import { type Effect, receivePacket } from '../conversation/receive.ts';
import { inheritSeen, noteBlock } from '../conversation/seen.ts';
import {
  type ConversationRecord,
  conversationPath,
  conversations,
  KINDS,
  PHASES,
  preKeyKindName,
  ROLES,
} from '../conversation/record.ts';
import { beginning } from '../conversation/beginning.ts';
import type { ConversationRunner } from '../conversation/runner.ts';
import { openEnvelope, openNewcomer, sealSlot } from '../envelope/envelope.ts';
import { SottoError } from '../errors.ts';
import type { ReceivedBlock } from '../net/index.ts';
import { makePreKeys, signAs } from '../signal/session.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import { linkKeyOf } from './link-key.ts';
import { firstUses, INVITE_STATES, type InviteRecord, invites, threads } from './record.ts';

/** What an invite needs of its persona besides the host. */
export interface InviteHost extends Host {
  /** The runner of a conversation, made where it doesn't run yet; not started. */
  conversation(id: string): ConversationRunner;
  /** A newcomer's first message made this conversation. */
  begun(id: string): void;
  /** Where the persona makes its mailboxes; undefined: where the invite is. */
  readonly home: RelayPin | undefined;
}

type Newcomer = Extract<Opened, { result: 'packet' }>;

export class InviteRunner implements MailboxHome {
  readonly id: string;
  private readonly host: InviteHost;
  private readonly mailbox: OwnedMailbox;

  constructor(host: InviteHost, id: string) {
    this.host = host;
    this.id = id;
    this.mailbox = new OwnedMailbox(host, this);
  }

  /** Resolves once a newcomer can use the link. */
  async start(): Promise<void> {
    await this.mailbox.start();
    await this.host.context.vault.transact(async (tx) => {
      const record = await this.record(tx);
      if (record.state === INVITE_STATES.making) await this.put(tx, { ...record, state: INVITE_STATES.open });
    });
  }

  /** Publishes fresh keys where they are due. */
  refresh(): Promise<void> {
    return this.mailbox.refresh();
  }

  stop(): void {
    this.mailbox.stop();
  }

  /** Nobody can begin a conversation by the link from here on; resolves once the relay has forgotten it too. */
  async revoke(): Promise<void> {
    const { vault } = this.host.context;
    const used = await vault.transact(async (tx) => {
      const record = await this.record(tx);
      if (record.state === INVITE_STATES.used) return true;
      await this.put(tx, { ...record, state: INVITE_STATES.revoked });
      await dropPreKeys(tx, this.keyOwner, () => true);
      return false;
    });
    if (used) return;
    await this.mailbox.delete();
    this.stop();
    await vault.transact((tx) => forgetInvite(tx, this.host.personaId, this.id));
  }

  /** For burning: what deleting the mailbox needs, after its keys are gone from the store. */
  prepareDeletion(): Promise<() => Promise<void>> {
    return this.mailbox.prepareDeletion();
  }

  async record(view: ReadView): Promise<InviteRecord> {
    const record = await invites.get(view, this.host.personaId, this.id);
    if (record === undefined) throw new SottoError('INVITE_GONE');
    return record;
  }

  // ── MailboxHome ──

  async load(view: ReadView): Promise<OwnMailbox | undefined> {
    return (await this.record(view)).own;
  }

  async save(tx: Transaction, change: (own: OwnMailbox) => OwnMailbox): Promise<void> {
    const record = await this.record(tx);
    await this.put(tx, { ...record, own: change(record.own) });
  }

  async makeBundle(tx: Transaction, own: OwnMailbox): Promise<Uint8Array | undefined> {
    const record = await this.record(tx);
    const standing = record.kind === KINDS.standing;
    // A one-time invite's keys are made once: they would not outlive its link anyway.
    if (own.bundleAt !== 0 && !standing) return undefined;
    const { engine, now, pace } = this.host.context;
    const atSeconds = Math.floor(now() / 1_000);
    const expires = standing
      ? atSeconds + Math.floor((pace.rotateMs + pace.keepKeysMs) / 1_000)
      : record.expires;
    const box = standing ? boxKeyPair() : undefined;
    const { secrets, bundle } = makePreKeys(engine, this.identity(record), {
      oneTime: !standing,
      expires,
      nowMs: now(),
      ...(box === undefined ? {} : { boxKey: box.publicKey }),
    });
    await savePreKeys(tx, this.keyOwner, secrets, { engine: engine.name, atSeconds });
    if (box !== undefined) await saveBoxKey(tx, this.keyOwner, box.secretKey, atSeconds);
    const forgottenBefore = atSeconds - Math.floor((pace.rotateMs + pace.keepKeysMs) / 1_000);
    await dropPreKeys(tx, this.keyOwner, (row) => row.at < forgottenBefore);
    const signed = signBundle(bundle, own.writeId, (text) => signAs(engine, this.identity(record), text));
    return sealSlot(linkKeyOf(record.secret), signed);
  }

  /** A newcomer's block. What doesn't open is dropped: whoever holds the link can write here. */
  async receive(block: ReceivedBlock): Promise<void> {
    const effects: Effect[] = [];
    const outcome = await this.host.context.vault.transact(async (tx) => {
      const record = await this.record(tx);
      if (record.conversationId !== undefined) return { forward: toHex(record.conversationId) };
      const seen = await noteBlock(tx, this.keyOwner, record.own, block);
      if (seen.repeat) return undefined;
      const next = { ...record, own: seen.own };
      await this.put(tx, next);
      return record.kind === KINDS.standing
        ? this.receiveStanding(tx, next, block.block, effects)
        : this.receiveOnce(tx, next, block.block, effects);
    });
    if (outcome === undefined) return;
    if ('forward' in outcome) {
      await this.host.conversation(outcome.forward).receive(block);
      return;
    }
    const runner = this.host.conversation(outcome.id);
    if (outcome.isNew) this.host.begun(outcome.id);
    runner.reactTo(effects);
    runner.wake();
    if (outcome.isNew && outcome.handOver) {
      // The conversation reads its mailbox itself from here on; what is under way is forwarded.
      setTimeout(() => {
        this.stop();
        runner.start();
      }, 0);
    }
  }

  async onReset(): Promise<void> {
    await this.host.context.vault.transact(async (tx) => {
      const record = await this.record(tx);
      const { incarnation: _, ...own } = record.own;
      await this.put(tx, { ...record, own: { ...own, cursor: 0 } });
    });
  }

  // ── first contact ──

  private async receiveOnce(tx: Transaction, record: InviteRecord, block: Uint8Array, effects: Effect[]) {
    const envelope = openEnvelope([linkKeyOf(record.secret)], block);
    if (envelope?.kind !== 'preKey') return undefined;
    const opened = await this.openFirst(tx, record, { kind: 'preKey', bytes: envelope.body });
    if (opened === undefined) return undefined;
    const conversation = this.newConversation(record, opened.packet, record.own);
    if (conversation === undefined) return undefined;
    await this.put(tx, { ...record, state: INVITE_STATES.used, conversationId: conversation.id });
    await dropPreKeys(tx, this.keyOwner, () => true);
    const id = await this.begin(tx, conversation, opened, effects);
    await inheritSeen(tx, this.id, { personaId: this.host.personaId, ownerId: id });
    return { id, isNew: true, handOver: true };
  }

  private async receiveStanding(tx: Transaction, record: InviteRecord, block: Uint8Array, effects: Effect[]) {
    const newcomer = openNewcomer(await this.boxPairs(tx), block);
    if (newcomer === undefined) return undefined;
    const message: SessionMessage = { kind: 'preKey', bytes: newcomer.body };
    const tag = toHex(newcomer.tag);
    const thread = await threads.get(tx, this.id, tag);
    if (thread !== undefined) {
      const id = toHex(thread.conversationId);
      if ((await conversations.get(tx, this.host.personaId, id)) === undefined) return undefined;
      const runner = this.host.conversation(id);
      await runner.stepIn(tx, effects, (step) => runner.receiveMessage(step, message));
      return { id, isNew: false, handOver: false };
    }
    const opened = await this.openFirst(tx, record, message);
    if (opened === undefined) return undefined;
    const conversation = this.newConversation(
      record,
      opened.packet,
      newOwnMailbox(this.host.home ?? record.own, false),
    );
    if (conversation === undefined) return undefined;
    const under = conversationPath(this.host.personaId, this.id);
    const value = { conversationId: conversation.id };
    await threads.put(tx, { partition: this.id, key: tag, value }, { under });
    const id = await this.begin(tx, conversation, opened, effects);
    return { id, isNew: true, handOver: false };
  }

  /** Opens a first message with the bundle's keys; refuses a (pre-key, base key) that began a conversation before. */
  private async openFirst(
    tx: Transaction,
    record: InviteRecord,
    message: SessionMessage,
  ): Promise<Newcomer | undefined> {
    const { engine, now } = this.host.context;
    const rows = await loadPreKeys(tx, this.id, engine);
    const state = { session: undefined, preKeys: secretsOf(rows) };
    const opened = await openMessage(engine, this.identity(record), state, message);
    if (opened.result !== 'packet' || opened.change.used === undefined) return undefined;
    const key = firstUseKey(opened.change.used);
    if ((await firstUses.get(tx, this.id, key)) !== undefined) return undefined;
    const under = conversationPath(this.host.personaId, this.id);
    await firstUses.put(tx, { partition: this.id, key, value: { at: Math.floor(now() / 1_000) } }, { under });
    return opened;
  }

  /** The inviter's side of a conversation, from the newcomer's hello; undefined where that lacks what it must say. */
  private newConversation(
    invite: InviteRecord,
    packet: Packet,
    own: OwnMailbox,
  ): ConversationRecord | undefined {
    const { hello } = packet;
    if (hello?.keys === undefined || hello.address === undefined) return undefined;
    const { toInviter, toAccepter } = hello.keys;
    const once = invite.kind === KINDS.once;
    return {
      ...beginning(),
      role: ROLES.inviter,
      kind: invite.kind,
      phase: PHASES.open,
      createdAt: this.host.context.now(),
      identitySecret: invite.identitySecret,
      registrationId: invite.registrationId,
      peerName: hello.name,
      own,
      peer: peerMailboxAt(hello.address, invite.own),
      sendKeys: { first: toAccepter, current: toAccepter, used: 0 },
      receiveKeys: {
        first: toInviter,
        current: toInviter,
        ...(once ? { previous: linkKeyOf(invite.secret) } : {}),
      },
      preKeyPhase: false,
      inviteId: fromHex(this.id),
      ownName: invite.ownName,
      ...(invite.attribution === undefined ? {} : { attribution: invite.attribution }),
    };
  }

  private async begin(
    tx: Transaction,
    record: ConversationRecord,
    opened: Newcomer,
    effects: Effect[],
  ): Promise<string> {
    const { personaId } = this.host;
    const id = toHex(record.id);
    const under = conversationPath(personaId, id);
    await saveSession(tx, { personaId, ownerId: id }, opened.change.next);
    await conversations.put(tx, { partition: personaId, key: id, value: record }, { under });
    await this.host
      .conversation(id)
      .stepIn(tx, effects, (step) => receivePacket(step, opened.packet, opened.kind));
    return id;
  }

  private async boxPairs(view: ReadView): Promise<readonly BoxKeyPair[]> {
    const rows = await loadPreKeys(view, this.id, this.host.context.engine);
    return rows
      .filter((row) => preKeyKindName(row.kind) === 'box')
      .sort((a, b) => b.at - a.at)
      .slice(0, 4)
      .map((row) => {
        const secretKey = asKey('box-secret', row.record);
        return { secretKey, publicKey: boxPublicKey(secretKey) };
      });
  }

  private identity(record: InviteRecord) {
    return { secret: record.identitySecret, registrationId: record.registrationId };
  }

  private get keyOwner(): KeyOwner {
    return { personaId: this.host.personaId, ownerId: this.id };
  }

  private put(tx: Transaction, value: InviteRecord): Promise<void> {
    const under = conversationPath(this.host.personaId, this.id);
    return invites.put(tx, { partition: this.host.personaId, key: this.id, value }, { under });
  }
}
