// What every store must do, rule by rule (docs/protocol.md, "Channels"; design section 3). Run over each adapter.
// Not its concern: what an adapter does beyond the interface (its own tests).
import { describe } from '@jest/globals';
import type { StoreAdapter } from './harness.ts';
import { appendRules } from './rules/append.ts';
import { clockRules } from './rules/clocks.ts';
import { creationRules } from './rules/creation.ts';
import { endingRules } from './rules/endings.ts';
import { Ground } from './rules/ground.ts';
import { keyRules } from './rules/keys.ts';
import { logRules } from './rules/log.ts';
import { mailboxRules } from './rules/mailbox.ts';
import { orderedRules } from './rules/ordered.ts';
import { poolRules } from './rules/pool.ts';

export function channelStoreSuite(adapter: StoreAdapter): void {
  describe(`channel store: ${adapter.name}`, () => {
    const at = new Ground(adapter);
    creationRules(at);
    appendRules(at);
    orderedRules(at);
    keyRules(at);
    mailboxRules(at);
    logRules(at);
    poolRules(at);
    endingRules(at);
    clockRules(at);
  });
}
