// The states in which nothing can go on as it is: another tab, a store that is gone, damaged or too new, a browser that
// can't. Each says what happened, what it means, and the one thing to do.

import type { Boot } from '../backend/backend.ts';
import { Action } from '../components/action.tsx';
import { FocusedHeading } from '../components/screen.tsx';
import { backend, boot } from '../state/app.ts';
import { go } from '../state/place.ts';
import { setPreferences } from '../state/preferences.ts';
import { t, type MessageKey } from '../i18n/translate.ts';

type Standing = Extract<Boot, { state: 'elsewhere' | 'lost' | 'damaged' | 'unsupported' }>;

function subjectOf(
  standing: Standing,
): 'elsewhere' | 'lost' | 'newer' | 'foreign' | 'corrupt' | 'unsupported' {
  if (standing.state !== 'damaged') return standing.state;
  return standing.kind === 'newer-version' ? 'newer' : standing.kind;
}

export function Stopped({ boot: standing }: { boot: Standing }) {
  const subject = subjectOf(standing);
  const words: MessageKey =
    standing.state === 'unsupported'
      ? `unsupported.${standing.what}`
      : `${subject as Exclude<typeof subject, 'unsupported'>}.words`;
  return (
    <div class="scroll">
      <div class="column">
        <FocusedHeading>{t(`${subject}.title`)}</FocusedHeading>
        <p class="lead">{t(words)}</p>
        <Deed subject={subject} />
        {standing.state === 'damaged' && (
          <p class="muted small">{t('damaged.code', { code: standing.code })}</p>
        )}
      </div>
    </div>
  );
}

function Deed({ subject }: { subject: ReturnType<typeof subjectOf> }) {
  switch (subject) {
    case 'elsewhere':
      return (
        <Action class="main" run={() => backend().takeOver()}>
          {t('elsewhere.take')}
        </Action>
      );
    case 'newer':
      return (
        <button type="button" class="button main" onClick={() => location.reload()}>
          {t('newer.reload')}
        </button>
      );
    case 'lost':
      return (
        <div class="stack">
          <button type="button" class="button main" onClick={beginAnew}>
            {t('lost.begin')}
          </button>
          <button type="button" class="button" onClick={() => go({ at: 'restore' })}>
            {t('restore.have')}
          </button>
        </div>
      );
    case 'corrupt':
    case 'foreign':
      return (
        <div class="stack">
          <button type="button" class="button main" onClick={() => location.reload()}>
            {t('tryAgain')}
          </button>
          <button type="button" class="button danger" onClick={() => go({ at: 'erase' })}>
            {t('erase.title')}
          </button>
        </div>
      );
    case 'unsupported':
      return (
        <button type="button" class="button main" onClick={() => location.reload()}>
          {t('tryAgain')}
        </button>
      );
  }
}

function beginAnew(): void {
  setPreferences({ begun: false });
  boot.value = { state: 'fresh' };
}
