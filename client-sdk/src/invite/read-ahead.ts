// Reads what lies behind an invite while the store that will hold the conversation is still being made: on a slow line
// both take their time, and neither needs the other. Nothing is secured and nothing written: that is accepting
// (accept.ts), which checks what was read here as if it had read it itself. Not its concern: the first socket
// (net/dial-ahead-browser.ts).
import type { Link } from '@sotto/wire';
import type { RelayPin } from '../conversation/mailbox.ts';
import { asKey, equalBytes, ready } from '../crypto/index.ts';
import type { DialledSocket } from '../net/dial-ahead-browser.ts';
import { openRelaySession, type RelaySession, type SlotBlock } from '../net/index.ts';
import { parseInvite, readSlot } from './accept.ts';

/** A connection to an invite's relay, and what was asked on it. For one persona; untaken it is to be closed. */
export interface InviteAhead {
  /** The connection, once, for whoever wants this relay under this key. */
  take(pin: RelayPin): RelaySession | undefined;
  /** What was read, once, for this link, on a connection that was taken. Rejects as reading it would. */
  slot(link: Link): Promise<SlotBlock | undefined> | undefined;
  /** Ends a connection that nobody took. */
  close(): void;
}

/**
 * Connects to the relay that an invite names, and asks for what lies behind it.
 * @param text - The link, as people paste it.
 * @param network - As the client's own.
 * @returns undefined for what is no invite: accepting it says what is wrong.
 */
export async function readInviteAhead(
  text: string,
  network: { readonly dialled?: (url: string) => DialledSocket | undefined },
): Promise<InviteAhead | undefined> {
  await ready();
  try {
    return begin(parseInvite(text), network);
  } catch {
    return undefined;
  }
}

function begin(invite: Link, network: Parameters<typeof readInviteAhead>[1]): InviteAhead {
  const session = openRelaySession({
    url: invite.relay,
    relayKey: asKey('verify', invite.relayKey),
    ...(network.dialled === undefined ? {} : { dialled: network.dialled }),
  });
  let state: 'free' | 'taken' | 'over' = 'free';
  const read = readSlot(session, invite);
  // Whoever takes it hears of its failure; with nobody to take it there is nobody to tell.
  read.catch(() => undefined);
  return {
    take(pin) {
      const isThere = pin.relay === invite.relay && equalBytes(pin.relayKey, invite.relayKey);
      if (state !== 'free' || !isThere) return undefined;
      state = 'taken';
      return session;
    },
    slot(link) {
      if (state !== 'taken' || !equalBytes(link.writeId, invite.writeId)) return undefined;
      state = 'over';
      return read;
    },
    close() {
      if (state !== 'free') return;
      state = 'over';
      void session.close();
    },
  };
}
