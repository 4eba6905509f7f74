// Where the person is. Places live in memory only: neither the address nor the browser's history ever names one, and
// there is one history entry, so that leaving quickly leaves nothing to go back to. Back on a phone is a CloseWatcher.

import { computed, signal } from '@preact/signals';
import { linkLeadsTo } from './link-kind.ts';

export type Place =
  | { readonly at: 'talks' }
  | { readonly at: 'conversation'; readonly id: string; readonly message?: string }
  | { readonly at: 'details' | 'compare'; readonly id: string }
  | { readonly at: 'connect' | 'invite' }
  /** `wrong`: why it didn't work just now. */
  | { readonly at: 'accept'; readonly link: string; readonly wrong?: string }
  | { readonly at: 'entry'; readonly link: string }
  | { readonly at: 'topics' | 'new-room'; readonly topic?: string }
  | { readonly at: 'room'; readonly id: string }
  | { readonly at: 'person'; readonly id: string; readonly member: string }
  | { readonly at: 'help' | 'breathe' | 'settings' | 'personas' | 'protect' | 'appearance' }
  | { readonly at: 'copy' | 'erase' | 'relay' | 'leaving' | 'restore' };

const stack = signal<readonly Place[]>([{ at: 'talks' }]);

export const here = computed<Place>(() => stack.value.at(-1) ?? { at: 'talks' });
export const canGoBack = computed(() => stack.value.length > 1);
/** The step back leads to the list, which a wide window shows anyway. */
export const isNextToTop = computed(() => stack.value.length === 2);

interface Watcher {
  onclose: (() => void) | null;
  destroy(): void;
}
const WatcherClass = (globalThis as { CloseWatcher?: new () => Watcher }).CloseWatcher;
let watcher: Watcher | undefined;

function watchBack(): void {
  if (WatcherClass === undefined) return;
  watcher?.destroy();
  watcher = undefined;
  if (!canGoBack.value) return;
  watcher = new WatcherClass();
  watcher.onclose = () => {
    watcher = undefined;
    goBack();
  };
}

/** The screen that shows what a link leads to. */
export function placeOfLink(link: string): Place {
  return { at: linkLeadsTo(link) === 'room' ? 'entry' : 'accept', link };
}

/** Goes one step deeper. The same kind of place is replaced, not piled up. */
export function go(place: Place): void {
  const kept = stack.value.filter(({ at }) => at !== place.at);
  stack.value = [...kept, place];
  watchBack();
}

/** Goes to a place as from the list of conversations. */
export function goFromTop(place: Place): void {
  stack.value = place.at === 'talks' ? [place] : [{ at: 'talks' }, place];
  watchBack();
}

export function goBack(): void {
  if (stack.value.length > 1) stack.value = stack.value.slice(0, -1);
  watchBack();
}
