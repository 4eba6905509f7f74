// An invite that came in through the address: taken out of it at once, so that neither the address bar nor the history
// keeps it. Not its concern: what is in it (the worker reads it).

import { signal } from '@preact/signals';

export const arrivedInvite = signal<string | undefined>(undefined);

/** An invite's secret part is at least this long; shorter fragments are somebody's typing. */
const SHORTEST = 40;

/** Takes an invite out of the address, now and whenever one is opened into this tab. */
export function takeInvites(): void {
  const take = () => {
    const fragment = location.hash.slice(1);
    if (fragment === '') return;
    history.replaceState(null, '', '/');
    if (fragment.length >= SHORTEST) arrivedInvite.value = `${location.origin}/#${fragment}`;
  };
  take();
  addEventListener('hashchange', take);
}
