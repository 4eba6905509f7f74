// Fetches what must not depend on a network later, in the first quiet moment: Help first.

import { followUpdates } from '../state/update.ts';
import { loadGuard } from '../components/personal-details.ts';
import { breathe, erase, help, leaving, stopped } from './parts.ts';

/** Someone who came by an invite is answering it; whatever they ask for meanwhile is fetched at once. */
const AFTER_START_MS = 3_000;
/** A page that draws nothing, behind another or on a slow machine, may never be told that it is idle. */
const QUIET_BY_MS = 2_000;

export function loadAhead(): void {
  const { requestIdleCallback: quiet } = globalThis as {
    requestIdleCallback?: (work: () => void, options: { timeout: number }) => void;
  };
  const fetchAll = async () => {
    await Promise.all([help, breathe, leaving, stopped, erase].map((part) => part.load()));
    await loadGuard();
    // Without a network or a relay they come another time.
    void import('../help/all.ts').then((all) => all.followOperatorLines()).catch(() => undefined);
    // The service worker fetches the whole site.
    await followUpdates();
  };
  setTimeout(() => {
    if (quiet === undefined) void fetchAll();
    else quiet(() => void fetchAll(), { timeout: QUIET_BY_MS });
  }, AFTER_START_MS);
}
