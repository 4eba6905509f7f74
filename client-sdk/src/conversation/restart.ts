// Starting a session anew (design section 4): the bundle that each side keeps in the slot of the mailbox it reads,
// and the session made from the peer's. Both lie under the first agreed envelope key, which is never dropped.
import { identityHash, openBundle, signBundle } from '../content/bundle.ts';
import type { Host } from '../context.ts';
import { hasCode } from '../errors.ts';
import { LINE_KINDS, lines } from '../history/record.ts';
import { openSlot, sealSlot } from '../envelope/envelope.ts';
import { beginSession, makePreKeys, type Session, signAs, verifyBy } from '../signal/session.ts';
import type { Transaction } from '../store/index.ts';
import { loadSession, savePreKeys } from './keys.ts';
import type { OwnMailbox } from './mailbox.ts';
import { notice, type Step } from './receive.ts';
import { type ConversationRecord, conversations } from './record.ts';

/** The relay keeps a slot for 30 days; the keys in it are replaced weekly while we are about. */
const BUNDLE_SECONDS = 30 * 86_400;

/** Makes keys without one-time keys, stores their secrets, and returns the sealed bundle for the slot. */
export async function makeRestartBundle(
  host: Host,
  at: { tx: Transaction; ownerId: string; own: OwnMailbox },
  record: ConversationRecord,
): Promise<Uint8Array> {
  const { engine, now } = host.context;
  const identity = { secret: record.identitySecret, registrationId: record.registrationId };
  const nowSeconds = Math.floor(now() / 1_000);
  const expires = nowSeconds + BUNDLE_SECONDS;
  const { secrets, bundle } = makePreKeys(engine, identity, { oneTime: false, expires, nowMs: now() });
  const owner = { personaId: host.personaId, ownerId: at.ownerId };
  await savePreKeys(at.tx, owner, secrets, { engine: engine.name, atSeconds: nowSeconds });
  const signed = signBundle(bundle, at.own.writeId, (message) => signAs(engine, identity, message));
  return sealSlot(record.receiveKeys.first, signed);
}

/** A session from the peer's bundle; undefined while there is none that may be used. */
export async function beginFromSlot(
  host: Host,
  conversationId: string,
  block: Uint8Array,
): Promise<Session | undefined> {
  const { engine, now, vault } = host.context;
  // In a transaction: a state of the session that is replaced meanwhile can't be opened any more.
  const found = await vault.transact(async (view) => ({
    record: await conversations.get(view, host.personaId, conversationId),
    session: await loadSession(view, conversationId),
  }));
  const { record, session } = found;
  const signed = record === undefined ? undefined : openSlot(record.sendKeys.first, block);
  if (record === undefined || session === undefined || signed === undefined) return undefined;
  try {
    const bundle = openBundle(signed, {
      identityHash: identityHash(session.peerIdentity),
      writeId: record.peer.writeId,
      nowSeconds: Math.floor(now() / 1_000),
      verify: (key, message, signature) => verifyBy(engine, key, message, signature),
    });
    const identity = { secret: record.identitySecret, registrationId: record.registrationId };
    return await beginSession(engine, identity, bundle, { before: session, nowMs: now() });
  } catch (error) {
    if (hasCode(error, 'INVITE_EXPIRED') || hasCode(error, 'INVITE_DAMAGED')) return undefined;
    if (hasCode(error, 'SESSION_BUNDLE')) return undefined;
    throw error;
  }
}

/** The peer's newest message here: with it the peer knows what to say again. */
async function lastSeen(step: Step): Promise<Uint8Array | undefined> {
  const spoken = [
    LINE_KINDS.indexOf('text'),
    LINE_KINDS.indexOf('attachment'),
    LINE_KINDS.indexOf('unsupported'),
  ];
  for await (const { value } of lines.scan(step.tx, step.owner.conversationId, { reverse: true })) {
    if (!value.mine && spoken.includes(value.kind)) return value.id;
  }
  return undefined;
}

/** Notes in the record that a new session began, and shows it. */
export async function adoptSession(step: Step): Promise<void> {
  const cause = step.record.restartWanted;
  const { restartSeen: _, ...record } = step.record;
  const seen = await lastSeen(step);
  step.record = {
    ...record,
    ...(seen === undefined ? {} : { restartSeen: seen }),
    restartWanted: 0,
    restartSaid: cause,
    restartAt: step.nowMs,
    preKeyPhase: true,
    unreadable: 0,
  };
  await notice(step, 'restart', cause);
}
