// The store is locked: a PIN or passphrase opens it. Help and the way out stay in the bar.

import { useState } from 'preact/hooks';
import type { Boot } from '../backend/backend.ts';
import { FocusedHeading } from '../components/screen.tsx';
import { SecretField } from '../components/secret-field.tsx';
import { backend } from '../state/app.ts';
import { wordsFor } from '../state/errors.ts';
import { go } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

export function Locked({ method }: { method: Extract<Boot, { state: 'locked' }>['method'] }) {
  const [secret, setSecret] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const unlock = (event: Event) => {
    event.preventDefault();
    if (busy || secret === '') return;
    setBusy(true);
    setWrong('');
    backend()
      .unlock(secret)
      .catch((error: unknown) => {
        setWrong(wordsFor(error));
        setSecret('');
      })
      .finally(() => setBusy(false));
  };
  return (
    <div class="scroll">
      <form class="column" onSubmit={unlock}>
        <FocusedHeading quiet>{t('locked.title')}</FocusedHeading>
        <SecretField
          label={t(method === 'pin' ? 'secret.pin' : 'secret.passphrase')}
          pin={method === 'pin'}
          value={secret}
          wrong={wrong}
          onInput={setSecret}
        />
        <button type="submit" class="button main" disabled={busy} aria-busy={busy}>
          {busy ? t('locked.opening') : t('locked.open')}
        </button>
        <details>
          <summary>{t('locked.forgot')}</summary>
          <div class="stack">
            <p>{t('locked.forgotWords')}</p>
            <button type="button" class="button danger" onClick={() => go({ at: 'erase' })}>
              {t('erase.title')}
            </button>
          </div>
        </details>
      </form>
    </div>
  );
}
