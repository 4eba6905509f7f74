// Fetches what must not depend on a network later, in the first quiet moment: Help first.

import { followUpdates } from '../state/update.ts';
import { loadGuard } from '../components/personal-details.ts';
import { breathe, conversation, erase, help, leaving, stopped } from './parts.ts';

const AFTER_START_MS = 2_500;

export function loadAhead(): void {
  const quiet = (globalThis as { requestIdleCallback?: (work: () => void) => void }).requestIdleCallback;
  const begin = quiet ?? ((work: () => void) => setTimeout(work, 200));
  begin(() => {
    const parts = [conversation, help, breathe, leaving, stopped, erase].map((part) => part.load());
    void Promise.all(parts).then(loadGuard);
    // The service worker fetches the whole site: not while the first screen still waits for its files.
    setTimeout(() => void followUpdates(), AFTER_START_MS);
  });
}
