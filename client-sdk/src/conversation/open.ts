// From a block to a packet: envelope, session, packet. Pure: (record, session, pre-keys, block) → what changed, or
// `unreadable`, always the same whatever the reason. Showing, ordering and storing are receive.ts.
import { type Packet, packetCodec } from '../content/packet.ts';
import { equalBytes } from '../crypto/index.ts';
import { openEnvelope } from '../envelope/envelope.ts';
import { hasCode } from '../errors.ts';
import type { SignalEngine } from '../signal/module.ts';
import { decrypt, type Decrypted, type Session } from '../signal/session.ts';
import type { PreKeySecret } from '../signal/staged-stores.ts';
import type { ConversationRecord } from './record.ts';

/** A message as an envelope held it. */
export interface SessionMessage {
  readonly kind: 'whisper' | 'preKey';
  readonly bytes: Uint8Array;
}

/** What a block turned out to be. Made by `openMessage` alone. */
export type Opened =
  | {
      readonly result: 'packet';
      readonly packet: Packet;
      readonly change: Decrypted;
      readonly kind: SessionMessage['kind'];
    }
  | { readonly result: 'repeat' }
  | { readonly result: 'unreadable' };

/** At most three tries: current, previous, first; before the first answer the link's key stands among them. */
export function envelopeKeysOf(record: ConversationRecord): readonly Uint8Array[] {
  const { current, previous, first } = record.receiveKeys;
  const keys = [current, ...(previous === undefined ? [] : [previous]), first];
  return keys.filter((key, i) => keys.findIndex((other) => equalBytes(other, key)) === i);
}

/** Opens the envelope of a block in one's own mailbox. */
export function openBlock(keys: readonly Uint8Array[], block: Uint8Array): SessionMessage | undefined {
  const envelope = openEnvelope(keys, block);
  if (envelope === undefined) return undefined;
  return { kind: envelope.kind === 'whisper' ? 'whisper' : 'preKey', bytes: envelope.body };
}

/** Opens a session message and parses its packet. Errors that aren't the message's fault are thrown. */
export async function openMessage(
  engine: SignalEngine,
  identity: { secret: Uint8Array; registrationId: number },
  state: { session: Session | undefined; preKeys: readonly PreKeySecret[]; peerIdentity?: Uint8Array },
  message: SessionMessage,
): Promise<Opened> {
  try {
    const change = await decrypt(engine, identity, state, message);
    return { result: 'packet', packet: packetCodec.decode(change.plaintext), change, kind: message.kind };
  } catch (error) {
    if (hasCode(error, 'SESSION_DUPLICATE')) return { result: 'repeat' };
    const own = ['SESSION_UNREADABLE', 'CONTENT_MALFORMED', 'CRYPTO_ENCODING'] as const;
    if (own.some((code) => hasCode(error, code))) return { result: 'unreadable' };
    throw error;
  }
}
