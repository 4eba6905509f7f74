// What Leave quickly does and what it can't: said before someone needs it.

import { Screen } from '../components/screen.tsx';
import { leaveNow } from '../safety/quick-exit.ts';
import { backend } from '../state/app.ts';
import { t } from '../i18n/translate.ts';

export function Leaving() {
  return (
    <Screen title={t('leave')}>
      <p>{t('leaving.short', { button: t('leave') })}</p>
      <p>{t('leaving.does', { site: new URL(SOTTO_SITE.exitUrl).hostname })}</p>
      <p>{t('leaving.lock')}</p>
      <p>{t('leaving.cannot')}</p>
      <button type="button" class="button" onClick={() => leaveNow(() => backend().drop())}>
        {t('leaving.try')}
      </button>
    </Screen>
  );
}
