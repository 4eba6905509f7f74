// What can be set, each behind its own plain line.

import { Icon } from '../components/icon.tsx';
import { Screen } from '../components/screen.tsx';
import { attempt } from '../state/attempt.ts';
import { lockNow, canLock } from '../state/lock.ts';
import { go, type Place } from '../state/place.ts';
import { t, type MessageKey } from '../i18n/translate.ts';

const lines: readonly { readonly to: Place; readonly name: MessageKey; readonly about: MessageKey }[] = [
  { to: { at: 'personas' }, name: 'personas.title', about: 'personas.about' },
  { to: { at: 'protect' }, name: 'protect.title', about: 'protect.about' },
  { to: { at: 'appearance' }, name: 'appearance.title', about: 'appearance.about' },
  { to: { at: 'leaving' }, name: 'leave', about: 'leaving.about' },
  { to: { at: 'copy' }, name: 'copy.title', about: 'copy.about' },
  { to: { at: 'relay' }, name: 'relay.title', about: 'relay.about' },
  { to: { at: 'erase' }, name: 'erase.title', about: 'erase.about' },
];

export function Settings() {
  return (
    <Screen title={t('settings.title')}>
      <ul class="card items">
        {lines.map(({ to, name, about }) => (
          <li key={name}>
            <button type="button" class="item" onClick={() => go(to)}>
              <span class="grow">
                <span>{t(name)}</span>
                <br />
                <span class="muted small">{t(about)}</span>
              </span>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
      {canLock.value && (
        <button type="button" class="button" onClick={() => attempt(lockNow)}>
          {t('protect.lockNow')}
        </button>
      )}
      <p class="muted small">{t('settings.version', { version: SOTTO_SITE.version })}</p>
    </Screen>
  );
}
