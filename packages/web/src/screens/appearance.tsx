// Language, colours, contrast and motion.

import { useId } from 'preact/hooks';
import { Screen } from '../components/screen.tsx';
import { attempt } from '../state/attempt.ts';
import { LOCALE_NAMES, LOCALES } from '../i18n/locales.ts';
import { loadLocale, locale, t } from '../i18n/translate.ts';
import { preferences, setPreferences } from '../state/preferences.ts';

export function Appearance() {
  const language = useId();
  const { theme, contrast, motion } = preferences.value;
  const speak = async (wanted: string) => {
    const found = LOCALES.find((candidate) => candidate === wanted);
    if (found === undefined) return;
    await loadLocale(found);
    setPreferences({ language: found });
  };
  return (
    <Screen title={t('appearance.title')}>
      <div class="field">
        <label for={language}>{t('appearance.language')}</label>
        <select
          id={language}
          class="select"
          value={locale()}
          onChange={(event) => attempt(() => speak(event.currentTarget.value))}
        >
          {LOCALES.map((one) => (
            <option key={one} value={one} lang={one}>
              {LOCALE_NAMES[one]}
            </option>
          ))}
        </select>
      </div>
      <fieldset class="card">
        <legend class="unseen">{t('appearance.colours')}</legend>
        <h2 aria-hidden="true">{t('appearance.colours')}</h2>
        {(['auto', 'light', 'dark'] as const).map((one) => (
          <label class="choice" key={one}>
            <input
              type="radio"
              name="theme"
              checked={theme === one}
              onChange={() => setPreferences({ theme: one })}
            />
            <span>{t(`appearance.${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <div class="stack">
        <label class="choice">
          <input
            type="checkbox"
            checked={contrast === 'more'}
            onChange={(event) => setPreferences({ contrast: event.currentTarget.checked ? 'more' : 'auto' })}
          />
          <span>{t('appearance.contrast')}</span>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={motion === 'less'}
            onChange={(event) => setPreferences({ motion: event.currentTarget.checked ? 'less' : 'auto' })}
          />
          <span>{t('appearance.motion')}</span>
        </label>
      </div>
    </Screen>
  );
}
