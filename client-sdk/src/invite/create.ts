// Makes an invite: everything is generated and written down first, then the relay is told. What a kill interrupts, the
// next start completes.
import { encodeLink } from '@sotto/wire';
import { identityHash } from '../content/bundle.ts';
import type { Context } from '../context.ts';
import { newOwnMailbox, type RelayPin } from '../conversation/mailbox.ts';
import { type Attribution, conversationPath, KINDS } from '../conversation/record.ts';
import { randomBytes, sha256, toHex } from '../crypto/index.ts';
import { identityKeyOf, newIdentity } from '../signal/session.ts';
import { INVITE_STATES, type InviteRecord, invites } from './record.ts';

export interface InviteWish {
  readonly personaId: string;
  readonly kind: 'once' | 'standing';
  readonly pin: RelayPin;
  /** Where the web client lives: the link opens it. */
  readonly origin: string;
  readonly ownName: string;
  /** It leads from a room to a private conversation. */
  readonly attribution?: Attribution;
}

/** Stores a new invite in state `making`. @returns its id and link. */
export async function prepareInvite(
  context: Context,
  wish: InviteWish,
): Promise<{ id: string; link: string }> {
  const { engine, now, pace, vault } = context;
  const identity = newIdentity(engine);
  const own = newOwnMailbox(wish.pin, wish.kind === 'standing');
  const secret = randomBytes(32);
  const link = encodeLink(
    {
      kind: wish.kind,
      relay: own.relay,
      relayKey: own.relayKey,
      writeId: own.writeId,
      writerSeed: own.writerSeed,
      secret,
      identityHash: identityHash(identityKeyOf(engine, identity)),
    },
    { origin: wish.origin, sha256 },
  );
  const record: InviteRecord = {
    version: 1,
    id: randomBytes(16),
    kind: KINDS[wish.kind],
    state: INVITE_STATES.making,
    createdAt: now(),
    expires: wish.kind === 'standing' ? 0 : Math.floor((now() + pace.inviteMs) / 1_000),
    identitySecret: identity.secret,
    registrationId: identity.registrationId,
    own,
    secret,
    link,
    ownName: wish.ownName,
    ...(wish.attribution === undefined ? {} : { attribution: wish.attribution }),
  };
  const id = toHex(record.id);
  const under = conversationPath(wish.personaId, id);
  await vault.transact((tx) =>
    invites.put(tx, { partition: wish.personaId, key: id, value: record }, { under }),
  );
  return { id, link };
}
