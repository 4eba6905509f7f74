// Fetches what must not depend on a network later, in the first quiet moment: Help first.

import { loadGuard } from '../components/personal-details.ts';
import { breathe, conversation, erase, help, leaving, stopped } from './parts.ts';

export function loadAhead(): void {
  const quiet = (globalThis as { requestIdleCallback?: (work: () => void) => void }).requestIdleCallback;
  const begin = quiet ?? ((work: () => void) => setTimeout(work, 200));
  begin(() => {
    const parts = [help, breathe, leaving, stopped, erase, conversation].map((part) => part.load());
    void Promise.all(parts).then(loadGuard);
  });
}
