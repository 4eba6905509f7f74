// The page's beginning: language, looks, the way out, and the worker; then the shell. Everything later hangs on state.

import { render } from 'preact';
import { connectWorker } from './backend/worker-backend.ts';
import { localeFor } from './i18n/locales.ts';
import { loadLocale } from './i18n/translate.ts';
import { keepFocus } from './shell/focus-keeper.ts';
import { leaveNow, listenForShift } from './safety/quick-exit.ts';
import { Shell } from './shell/shell.tsx';
import { loadAhead } from './shell/load-ahead.ts';
import { followAppearance } from './state/appearance.ts';
import { backend, boot, start } from './state/app.ts';
import { takeInvites } from './state/invite-link.ts';
import { followLock } from './state/lock.ts';
import { preferences } from './state/preferences.ts';

async function main(): Promise<void> {
  takeInvites();
  listenForShift(() => leaveNow(() => backend().drop()));
  const words = loadLocale(preferences.value.language ?? localeFor(navigator.languages));
  const asked = start(connectWorker()).catch(() => {
    boot.value = { state: 'unsupported', what: 'worker' };
  });
  followAppearance();
  await words;
  const root = document.getElementById('app');
  if (root !== null) {
    render(<Shell />, root);
    keepFocus(root);
  }
  await asked;
  followLock();
  loadAhead();
}

void main();
