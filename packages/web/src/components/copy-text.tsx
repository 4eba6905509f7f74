// A text to pass on, with a button that copies it and one that hands it to another app where the device can.

import { useState } from 'preact/hooks';
import { attempt } from '../state/attempt.ts';
import { t } from '../i18n/translate.ts';

export function CopyText({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    setDone(false);
    await navigator.clipboard.writeText(text);
    setDone(true);
  };
  const canShare = 'share' in navigator;
  return (
    <div class="stack">
      <p class="copyable" dir="ltr" aria-label={label} role="textbox" aria-readonly="true" tabIndex={0}>
        <span>{text}</span>
      </p>
      <div class="row">
        <button type="button" class="button main" onClick={() => attempt(copy)}>
          {done ? t('copied') : t('copy')}
        </button>
        {canShare && (
          <button
            type="button"
            class="button"
            onClick={() => void navigator.share({ text }).catch(() => undefined)}
          >
            {t('share')}
          </button>
        )}
      </div>
      <p class="unseen" role="status">
        {done ? t('copied') : ''}
      </p>
    </div>
  );
}
