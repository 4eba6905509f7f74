// Notices of the device without content: the site's neutral name and nothing else. Only if someone asked for them.

import { preferences } from './preferences.ts';

/** Asks the browser for permission. @returns whether notices can be shown. */
export async function allowNotices(): Promise<boolean> {
  if (!('Notification' in globalThis)) return false;
  return (await Notification.requestPermission()) === 'granted';
}

/** Shows the neutral name, once, while the page isn't looked at. */
export function notifyQuietly(): void {
  if (!preferences.value.notify || document.visibilityState === 'visible') return;
  try {
    new Notification(SOTTO_SITE.name, { tag: 'new', silent: true });
  } catch {
    // Phones show notices only through a push service, which we don't use.
  }
}
