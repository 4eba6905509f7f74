// The operator's one act on a channel: to close it. The same on a running relay (http/control.ts) and on a store at
// rest (cli/block.ts). Not its concern: how the order arrives.

import type { BlockOrder, Outcome } from './http/control.ts';
import type { RelayKeys } from './crypto/key-files.ts';
import type { ChannelId, ChannelStore } from './store/channel-store.ts';

/** Closes what the order names. At most 20 a day, counted by the store. */
export async function blockChannel(
  store: ChannelStore,
  keys: RelayKeys,
  order: BlockOrder,
): Promise<Outcome> {
  // Another relay's link may carry an id that nobody has here: say so instead of "unknown".
  if (order.relayKey !== Buffer.from(keys.root.publicKey).toString('base64url')) return 'foreign';
  try {
    await store.block(order.id as ChannelId, order.reason);
    return 'blocked';
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'UNKNOWN') return 'unknown';
    return code === 'LIMIT' || code === 'RATE' ? 'too-many' : 'failed';
  }
}
