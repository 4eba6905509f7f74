// Help and Leave quickly, always in the same places with the same words, and between them how the connection is.

import { leaveNow } from '../safety/quick-exit.ts';
import { backend, boot, connection } from '../state/app.ts';
import { go } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

export function Bar() {
  return (
    <header class="bar">
      <button
        type="button"
        class="button help-button"
        aria-keyshortcuts="F1"
        onClick={() => go({ at: 'help' })}
      >
        {t('help')}
      </button>
      <p class="connection" role="status">
        {boot.value.state === 'open' ? t(`connection.${connection.value.state}`) : ''}
      </p>
      <button
        type="button"
        class="button leave-button"
        aria-keyshortcuts="Shift Shift Shift"
        onClick={() => leaveNow(() => backend().drop())}
      >
        {t('leave')}
      </button>
    </header>
  );
}
