// Which session a message belongs to, and what the record looks like after it. Spec: docs/ratchet.md section 8.1.
// Pure: no stores. A message that no session opens leaves the record as it was.
import type { Bytes } from '../bytes.ts';
import { equal } from '../bytes.ts';
import { Duplicate, Refused } from '../errors.ts';
import type { SignalMessage } from '../messages/signal-message.ts';
import type { RandomSource } from '../primitives/random.ts';
import type { Decrypted, ReceiveContext } from './double-ratchet.ts';
import { decrypt } from './double-ratchet.ts';
import type { SessionRecord } from './record.ts';
import type { SessionState } from './state.ts';

/** A message opened: the record to store, the state that opened it, the plaintext. */
export interface Opened {
  readonly record: SessionRecord;
  readonly state: SessionState;
  readonly plaintext: Bytes;
  readonly spent: readonly Uint8Array[];
}

/**
 * Tries the current session, then the archived ones, newest first; one of those becomes current if it fits.
 * @throws Duplicate from whichever session first says so; Refused when none fits.
 */
export async function openWithAny(
  record: SessionRecord,
  message: SignalMessage,
  context: ReceiveContext,
  random: RandomSource,
): Promise<Opened> {
  const attempt = async (state: SessionState): Promise<Decrypted | undefined> => {
    try {
      return await decrypt(state, message, context, random);
    } catch (refusal) {
      if (refusal instanceof Duplicate || !(refusal instanceof Refused)) throw refusal;
      return undefined;
    }
  };
  const current = record._current();
  const opened = current && (await attempt(current));
  if (opened) return { record: record._withCurrent(opened.next), state: opened.next, ...withoutNext(opened) };
  for (let i = 0; i < record._archivedCount(); i++) {
    const late = await attempt(record._archivedAt(i));
    if (late) return { record: record._withPromoted(i, late.next), state: late.next, ...withoutNext(late) };
  }
  throw new Refused('no session fits');
}

function withoutNext({ plaintext, spent }: Decrypted): Pick<Opened, 'plaintext' | 'spent'> {
  return { plaintext, spent };
}

/** The record with the session of this base key current, or `undefined` when there is none. */
export function promoteByBaseKey(record: SessionRecord, baseKey: Uint8Array): SessionRecord | undefined {
  const current = record._current();
  if (current && equal(current.baseKey, baseKey)) return record;
  for (let i = 0; i < record._archivedCount(); i++) {
    const state = record._archivedAt(i);
    if (equal(state.baseKey, baseKey)) return record._withPromoted(i, state);
  }
  return undefined;
}
