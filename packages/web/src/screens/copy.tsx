// A sealed copy of everything, to move to another device or to be safe from a browser that forgets.

import { useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Screen } from '../components/screen.tsx';
import { SecretField } from '../components/secret-field.tsx';
import { backend } from '../state/app.ts';
import { t } from '../i18n/translate.ts';

const SHORTEST = 12;

export function Copy() {
  const [secret, setSecret] = useState('');
  const [done, setDone] = useState(false);
  const save = async () => {
    setDone(false);
    const copy = await backend().exportAll(secret);
    offer(copy);
    setSecret('');
    setDone(true);
  };
  return (
    <Screen title={t('copy.title')}>
      <p>{t('copy.words')}</p>
      <p>{t('copy.move')}</p>
      <SecretField
        label={t('copy.passphrase')}
        fresh
        value={secret}
        hint={t('protect.length', { count: SHORTEST })}
        onInput={setSecret}
      />
      <Action class="main" disabled={secret.length < SHORTEST} run={save}>
        {t('copy.save')}
      </Action>
      <p role="status">{done ? t('copy.done') : ''}</p>
    </Screen>
  );
}

/** Hands the file to the browser's downloads, under a name that says nothing. */
function offer(copy: Blob): void {
  const url = URL.createObjectURL(copy);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${SOTTO_SITE.name.toLowerCase()}-${new Date().toISOString().slice(0, 10)}.bin`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
