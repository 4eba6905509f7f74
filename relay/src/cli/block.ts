// `sotto-relay block LINK --reason CLASS`: closes the channel behind a reported link, through the running relay or, when
// none runs, on its store. Not its concern: what closing does (../operator.ts).

import { decodeLink, type Link } from '@sotto/wire';
import { loadConfig } from '../config/load.ts';
import type { RelayConfig } from '../config/options.ts';
import { loadRelayKeys } from '../crypto/key-files.ts';
import { sha256 } from '../crypto/hash.ts';
import { RelayError } from '../errors.ts';
import { blockOrder, order, type BlockOrder, type Outcome } from '../http/control.ts';
import { blockChannel } from '../operator.ts';
import { openStore } from '../store-choice.ts';

const says: Readonly<Record<Outcome, string>> = {
  blocked: 'Closed. People who use it are told the reason class; the promise counts it.',
  'too-many': 'Not closed: 20 channels were closed today already, and the promise allows no more.',
  unknown: 'Not closed: there is no such channel on this relay (any more).',
  foreign: 'Not closed: the link belongs to another relay.',
  failed: 'Not closed: the store could not do it now; try again.',
};

/** @returns 0 when the channel is closed. */
export async function block(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const { reason, others } = takeReason(args);
  const { config, words } = loadConfig(others, environment);
  const [text, extra] = words;
  if (text === undefined || extra !== undefined) {
    throw new RelayError('RELAY_CONFIG_INVALID', { detail: 'Usage: sotto-relay block LINK --reason CLASS.' });
  }
  const link = readLink(text);
  const wanted: BlockOrder = {
    id: Buffer.from(link.writeId).toString('hex'),
    relayKey: Buffer.from(link.relayKey).toString('base64url'),
    reason,
  };
  const outcome = (await order(config.data, wanted)) ?? (await atRest(config, wanted));
  process.stdout.write(`${says[outcome]}\n`);
  return outcome === 'blocked' ? 0 : 1;
}

async function atRest(config: RelayConfig, wanted: BlockOrder): Promise<Outcome> {
  const keys = loadRelayKeys(config.data);
  const store = await openStore(config, keys);
  try {
    return await blockChannel(store, keys, wanted);
  } finally {
    await store.close();
  }
}

function readLink(text: string): Link {
  try {
    return decodeLink(text, { sha256 });
  } catch (cause) {
    const { message } = cause as Error;
    throw new RelayError('RELAY_CONFIG_INVALID', { detail: message, cause });
  }
}

function takeReason(args: readonly string[]): { reason: BlockOrder['reason']; others: string[] } {
  const others: string[] = [];
  let given: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--reason') given = args[++i] ?? '';
    else if (arg.startsWith('--reason=')) given = arg.slice('--reason='.length);
    else others.push(arg);
  }
  const reason = blockOrder.shape.reason.safeParse(given);
  if (!reason.success) {
    const classes = blockOrder.shape.reason.options.join(', ');
    throw new RelayError('RELAY_CONFIG_INVALID', { detail: `--reason must be one of ${classes}.` });
  }
  return { reason: reason.data, others };
}
