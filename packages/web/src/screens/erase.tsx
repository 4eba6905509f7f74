// Takes everything off this browser: keys, history, caches, settings. It also works locked and damaged.

import { Action } from '../components/action.tsx';
import { Screen } from '../components/screen.tsx';
import { sweepBrowser } from '../safety/wipe.ts';
import { backend } from '../state/app.ts';
import { goBack } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

/** The worker overwrites keys before it deletes; if it can't answer in this time, deleting must do. */
const PATIENCE_MS = 4_000;

async function eraseAll(): Promise<void> {
  const tooLong = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([backend().wipe(), tooLong]).catch(() => undefined);
  backend().drop();
  await sweepBrowser();
  location.replace('/');
}

export function Erase() {
  return (
    <Screen title={t('erase.title')}>
      <p>{t('erase.words')}</p>
      <p>{t('erase.others')}</p>
      <p>{t('erase.cannot')}</p>
      <Action class="danger" run={eraseAll}>
        {t('erase.yes')}
      </Action>
      <button type="button" class="button" onClick={goBack}>
        {t('cancel')}
      </button>
    </Screen>
  );
}
