// A Lua script that Redis runs in one atomic step, and its name there. Redis forgets scripts when it restarts: who runs
// one sends the text again then (redis-node.ts). Not its concern: what scripts do (lua/).

import { scriptName } from '../../crypto/hash.ts';
import {
  ackScript as ack,
  boundsScript as bounds,
  readScript as read,
  slotScript as slot,
} from './lua/reads.ts';
import { appendScript as append, orderedScript as ordered } from './lua/appends.ts';
import { claimScript as claim, leaseScript as lease, withdrawScript as withdraw } from './lua/pools.ts';
import {
  blockScript as block,
  changeScript as change,
  countScript as count,
  createScript as create,
  deleteScript as remove,
  fenceScript as fence,
  grantScript as grant,
  lendingScript as lending,
  promiseScript as promise,
  publishScript as publish,
  secureScript as secure,
  stateScript as state,
  sweepScript as sweep,
} from './lua/channels.ts';

export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  // Comments and indentation are for readers here; Redis gets what it must run.
  const short = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'))
    .join('\n');
  return { text: short, sha: scriptName(short) };
}

export const Scripts = {
  append: script(append),
  ordered: script(ordered),
  read: script(read),
  bounds: script(bounds),
  ack: script(ack),
  slot: script(slot),
  claim: script(claim),
  lease: script(lease),
  withdraw: script(withdraw),
  create: script(create),
  grant: script(grant),
  lending: script(lending),
  state: script(state),
  secure: script(secure),
  change: script(change),
  remove: script(remove),
  block: script(block),
  sweep: script(sweep),
  count: script(count),
  promise: script(promise),
  publish: script(publish),
  fence: script(fence),
} as const;
