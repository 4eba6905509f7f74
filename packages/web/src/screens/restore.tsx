// Moving in from a sealed copy, made on another device or before the browser forgot.

import { useId, useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Screen } from '../components/screen.tsx';
import { SecretField } from '../components/secret-field.tsx';
import { backend, boot } from '../state/app.ts';
import { goFromTop } from '../state/place.ts';
import { t } from '../i18n/translate.ts';

export function Restore() {
  const id = useId();
  const [file, setFile] = useState<File>();
  const [secret, setSecret] = useState('');
  const bring = async () => {
    if (file === undefined) return;
    await backend().importAll(file, secret);
    goFromTop({ at: 'talks' });
  };
  if (boot.value.state === 'open') return <p class="empty">{t('restore.notHere')}</p>;
  return (
    <Screen title={t('restore.title')}>
      <p>{t('restore.words')}</p>
      <div class="field">
        <label for={id}>{t('restore.file')}</label>
        <input
          id={id}
          class="input"
          type="file"
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? undefined)}
        />
      </div>
      <SecretField label={t('copy.passphrase')} value={secret} onInput={setSecret} />
      <Action class="main" disabled={file === undefined || secret === ''} run={bring}>
        {t('restore.bring')}
      </Action>
    </Screen>
  );
}
