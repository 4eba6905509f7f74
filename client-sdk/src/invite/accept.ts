// The accepter's side of first contact: read and check what lies behind a link, begin a session from it, and write the
// whole conversation down before the link is secured. A link accepted twice here leads to the same conversation.
import { decodeLink, type Link } from '@sotto/wire';
import { openBundle, type VerifiedBundle } from '../content/bundle.ts';
import type { Context, Host } from '../context.ts';
import { saveSession } from '../conversation/keys.ts';
import { newOwnMailbox, type RelayPin } from '../conversation/mailbox.ts';
import { beginning } from '../conversation/beginning.ts';
import {
  type Attribution,
  type ConversationRecord,
  conversationPath,
  conversations,
  KINDS,
  PHASES,
  ROLES,
} from '../conversation/record.ts';
import type { Step } from '../conversation/receive.ts';
import { enqueue } from '../conversation/send.ts';
import { asKey, equalBytes, randomBytes, randomKey, sha256, toHex } from '../crypto/index.ts';
import { openSlot } from '../envelope/envelope.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { RelaySession, SlotBlock } from '../net/index.ts';
import { beginSession, newIdentity, type Session, verifyBy } from '../signal/session.ts';
import { linkKeyOf } from './link-key.ts';
import { invites } from './record.ts';

/** @throws WireError for what is no link; SottoError INVITE_KIND for a room's. */
export function parseInvite(text: string): Link {
  const link = decodeLink(text, { sha256 });
  if (link.kind !== 'once' && link.kind !== 'standing') throw new SottoError('INVITE_KIND');
  return link;
}

/** The conversation that this link led to before. @throws SottoError INVITE_OWN for one's own. */
export async function findAccepted(
  context: Context,
  personaId: string,
  link: Link,
): Promise<string | undefined> {
  return context.vault.read(async (view) => {
    for await (const { value } of invites.scan(view, personaId)) {
      if (equalBytes(value.own.writeId, link.writeId)) throw new SottoError('INVITE_OWN');
    }
    for await (const { key, value } of conversations.scan(view, personaId)) {
      if (value.linkId !== undefined && equalBytes(value.linkId, link.writeId)) return key;
    }
    return undefined;
  });
}

/**
 * Reads the slot behind a link and checks it.
 * @param ahead - The same slot, asked for earlier (read-ahead.ts).
 * @throws SottoError INVITE_USED, INVITE_GONE, INVITE_EXPIRED, INVITE_DAMAGED, INVITE_VERSION, NET_…
 */
export async function readInvite(
  context: Context,
  session: RelaySession,
  link: Link,
  ahead?: Promise<SlotBlock | undefined>,
): Promise<VerifiedBundle> {
  const slot = await (ahead ?? readSlot(session, link));
  if (slot === undefined) throw new SottoError('INVITE_EXPIRED');
  const signed = openSlot(linkKeyOf(link.secret), slot.block);
  if (signed === undefined) throw new SottoError('INVITE_DAMAGED');
  return openBundle(signed, {
    identityHash: link.identityHash,
    writeId: link.writeId,
    nowSeconds: Math.floor(context.now() / 1_000),
    verify: (key, message, signature) => verifyBy(context.engine, key, message, signature),
  });
}

/** What lies behind a link, unopened. @throws SottoError INVITE_USED, INVITE_GONE, NET_… */
export async function readSlot(session: RelaySession, link: Link): Promise<SlotBlock | undefined> {
  const seen = { superseded: false };
  const handle = session.writer({
    writeId: link.writeId,
    keySeed: asKey('signing-seed', link.writerSeed),
    onProved: (proved) => {
      seen.superseded = proved.superseded;
    },
  });
  try {
    const slot = await handle.readSlot();
    if (seen.superseded) throw new SottoError('INVITE_USED');
    return slot;
  } catch (error) {
    if (seen.superseded || hasCode(error, 'NET_SUPERSEDED'))
      throw new SottoError('INVITE_USED', { cause: error });
    if (hasCode(error, 'NET_LINK_DEAD')) throw new SottoError('INVITE_GONE', { cause: error });
    throw error;
  } finally {
    handle.release();
  }
}

/** Writes the accepter's side down, with its first content in the outbox. @returns the conversation's id. */
export async function beginConversation(
  host: Host,
  link: Link,
  bundle: VerifiedBundle,
  options: { home: RelayPin | undefined; ownName: string; attribution?: Attribution },
): Promise<string> {
  const { engine, now, vault } = host.context;
  const identity = newIdentity(engine);
  const session = await beginSession(engine, identity, bundle, { nowMs: now() });
  const record = recordOf(link, bundle, { identity, nowMs: now(), ...options });
  const id = toHex(record.id);
  await vault.transact((tx) => write(host, { tx, id, record, session }));
  return id;
}

async function write(
  host: Host,
  made: { tx: Step['tx']; id: string; record: ConversationRecord; session: Session },
): Promise<void> {
  const { tx, id, session } = made;
  const { personaId } = host;
  const under = conversationPath(personaId, id);
  await saveSession(tx, { personaId, ownerId: id }, session);
  const owner = { personaId, conversationId: id };
  const step: Step = { tx, owner, nowMs: host.context.now(), record: made.record, effects: [] };
  // The hello goes out at once, so that the inviter may write first.
  await enqueue(step, { type: 'control', retired: false, left: false, name: '' });
  await conversations.put(tx, { partition: personaId, key: id, value: step.record }, { under });
}

function recordOf(
  link: Link,
  bundle: VerifiedBundle,
  options: {
    identity: { secret: Uint8Array; registrationId: number };
    nowMs: number;
    home: RelayPin | undefined;
    ownName: string;
    attribution?: Attribution;
  },
): ConversationRecord {
  const once = link.kind === 'once';
  if (!once && bundle.boxKey === undefined) throw new SottoError('INVITE_DAMAGED');
  const toInviter = randomKey('seal');
  const toAccepter = randomKey('seal');
  const pin = { relay: link.relay, relayKey: link.relayKey };
  return {
    ...beginning(),
    role: ROLES.accepter,
    kind: once ? KINDS.once : KINDS.standing,
    phase: once ? PHASES.securing : PHASES.open,
    createdAt: options.nowMs,
    identitySecret: options.identity.secret,
    registrationId: options.identity.registrationId,
    peerName: '',
    own: newOwnMailbox(options.home ?? pin, false),
    peer: {
      ...pin,
      writeId: link.writeId,
      firstSeed: link.writerSeed,
      writerSeed: randomKey('signing-seed'),
      secured: false,
      shared: !once,
      answered: 0,
    },
    sendKeys: { first: toInviter, current: toInviter, used: 0 },
    receiveKeys: { first: toAccepter, current: toAccepter },
    ...(once
      ? { linkKey: linkKeyOf(link.secret) }
      : { boxKey: bundle.boxKey ?? new Uint8Array(0), threadTag: randomBytes(16) }),
    preKeyPhase: true,
    ownName: options.ownName,
    linkId: link.writeId,
    ...(options.attribution === undefined ? {} : { attribution: options.attribution }),
  };
}
