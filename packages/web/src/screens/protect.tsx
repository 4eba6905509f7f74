// A PIN or passphrase, with honest words on what each stops, and after how long the page locks itself.

import { useId, useState } from 'preact/hooks';
import { Action } from '../components/action.tsx';
import { Screen } from '../components/screen.tsx';
import { SecretField } from '../components/secret-field.tsx';
import { backend } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { canLock, lockNow, setCanLock } from '../state/lock.ts';
import { preferences, setPreferences } from '../state/preferences.ts';
import { allowNotices } from '../state/notify.ts';
import { duration } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

const SHORTEST = { pin: 6, passphrase: 12 } as const;
const LOCK_AFTER = [1, 5, 15, 60, 0];

type Method = keyof typeof SHORTEST;

export function Protect() {
  const protectedNow = canLock.value;
  const [method, setMethod] = useState<Method>('passphrase');
  const [current, setCurrent] = useState('');
  const [secret, setSecret] = useState('');
  const [again, setAgain] = useState('');
  const [done, setDone] = useState('');

  const clear = () => {
    setCurrent('');
    setSecret('');
    setAgain('');
  };
  const old = protectedNow ? current : undefined;
  const save = async () => {
    setDone('');
    await backend().setSecret({ method, value: secret }, old);
    setCanLock(true);
    clear();
    setDone(t('protect.saved'));
  };
  const remove = async () => {
    setDone('');
    await backend().setSecret(undefined, old);
    setCanLock(false);
    clear();
    setDone(t('protect.removed'));
  };

  const tooShort = secret.length < SHORTEST[method] || (method === 'pin' && !/^\d+$/.test(secret));
  const differs = again !== '' && again !== secret;
  return (
    <Screen title={t('protect.title')}>
      <p>{t(protectedNow ? 'protect.on' : 'protect.off')}</p>
      {protectedNow && (
        <div class="row">
          <button type="button" class="button" onClick={() => attempt(lockNow)}>
            {t('protect.lockNow')}
          </button>
        </div>
      )}
      <section class="card" aria-labelledby="secret">
        <h2 id="secret">{t(protectedNow ? 'protect.change' : 'protect.set')}</h2>
        {protectedNow && <SecretField label={t('protect.current')} value={current} onInput={setCurrent} />}
        <fieldset class="stack plain-set">
          <legend class="unseen">{t('protect.kind')}</legend>
          {(['passphrase', 'pin'] as const).map((kind) => (
            <label class="choice" key={kind}>
              <input type="radio" name="method" checked={method === kind} onChange={() => setMethod(kind)} />
              <span>
                {t(`secret.${kind}`)}
                <br />
                <span class="muted small">{t(`protect.${kind}Stops`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <SecretField
          label={t(`protect.new.${method}`)}
          pin={method === 'pin'}
          fresh
          value={secret}
          hint={t('protect.length', { count: SHORTEST[method] })}
          onInput={setSecret}
        />
        <SecretField
          label={t('protect.again')}
          pin={method === 'pin'}
          fresh
          value={again}
          wrong={differs ? t('protect.differs') : ''}
          onInput={setAgain}
        />
        <p class="small">{t('protect.noWayBack')}</p>
        <Action
          class="main"
          disabled={tooShort || again !== secret || (protectedNow && current === '')}
          run={save}
        >
          {t('protect.save')}
        </Action>
        {protectedNow && (
          <Action class="danger" disabled={current === ''} run={remove}>
            {t('protect.remove')}
          </Action>
        )}
        <p role="status">{done}</p>
      </section>
      {protectedNow && <LockAfter />}
      <Notices />
    </Screen>
  );
}

function LockAfter() {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t('protect.lockAfter')}</label>
      <select
        id={id}
        class="select"
        value={String(preferences.value.lockAfterMinutes)}
        onChange={(event) => setPreferences({ lockAfterMinutes: Number(event.currentTarget.value) })}
      >
        {LOCK_AFTER.map((minutes) => (
          <option key={minutes} value={String(minutes)}>
            {minutes === 0 ? t('protect.never') : duration(minutes * 60)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Notices() {
  const change = async (wanted: boolean) => setPreferences({ notify: wanted && (await allowNotices()) });
  return (
    <div class="stack">
      <label class="choice">
        <input
          type="checkbox"
          checked={preferences.value.notify}
          onChange={(event) => void change(event.currentTarget.checked)}
        />
        <span>{t('protect.notify')}</span>
      </label>
      <p class="muted small">{t('protect.notifyWords', { name: SOTTO_SITE.name })}</p>
    </div>
  );
}
