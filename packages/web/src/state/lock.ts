// Locking: by hand, or after the time that someone chose, when there is a PIN or passphrase to lock with.

import { effect, signal } from '@preact/signals';
import { watchIdle } from '../safety/auto-lock.ts';
import { hush } from './announce.ts';
import { backend, boot, conversations, personas } from './app.ts';
import { forgetDrafts, saveDrafts } from './drafts.ts';
import { goFromTop } from './place.ts';
import { preferences } from './preferences.ts';
import { closeThread } from './thread.ts';

const KEY = 'locks';
const SAVED_WITHIN_MS = 500;

/** Whether a PIN or passphrase was set; the page remembers it because only the worker's store knows for sure. */
export const canLock = signal(readMark());

function readMark(): boolean {
  try {
    return localStorage.getItem(KEY) === '1';
  } catch {
    return false;
  }
}

export function setCanLock(can: boolean): void {
  canLock.value = can;
  try {
    if (can) localStorage.setItem(KEY, '1');
    else localStorage.removeItem(KEY);
  } catch {
    // Then it holds until the tab is closed.
  }
}

/** Takes what people said off the page, and the keys out of the worker. */
export async function lockNow(): Promise<void> {
  closeThread();
  hush();
  const saved = saveDrafts(backend());
  forgetDrafts();
  personas.value = [];
  conversations.value = [];
  goFromTop({ at: 'talks' });
  // A worker that doesn't answer holds up no lock.
  await Promise.race([saved, new Promise((resolve) => setTimeout(resolve, SAVED_WITHIN_MS))]);
  await backend().lock();
}

/** Watches idleness while the store is open and lockable. */
export function followLock(): void {
  effect(() => {
    if (boot.value.state === 'locked' && !canLock.peek()) setCanLock(true);
    const minutes = preferences.value.lockAfterMinutes;
    if (boot.value.state !== 'open' || !canLock.value || minutes === 0) return undefined;
    return watchIdle(minutes, () => void lockNow().catch(() => undefined));
  });
}
