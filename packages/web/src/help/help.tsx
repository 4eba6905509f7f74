// Help: the emergency number, one line, what if nobody answers, then the rest behind a tap. All of it is on the device:
// it works with every network and every server gone, and no one learns that it was opened.

import {
  countryFromLocale,
  coveredCountries,
  helpFor,
  helpSections,
  type Audience,
  type HelpSection,
} from '@sotto/care';
import { useEffect, useId, useState } from 'preact/hooks';
import { Screen } from '../components/screen.tsx';
import { go } from '../state/place.ts';
import { preferences, setPreferences } from '../state/preferences.ts';
import { locale, t } from '../i18n/translate.ts';
import { Line } from './line.tsx';
import { followOperatorLines, lines } from './operator-lines.ts';

export function Help() {
  const [audience, setAudience] = useState<Audience>('everyone');
  const country = preferences.value.country ?? countryFromLocale(navigator.languages);
  useEffect(() => void followOperatorLines(), []);
  const help = helpFor(
    {
      country,
      languages: [locale(), ...navigator.languages],
      at: new Date(),
      audience,
    },
    lines.value,
  );
  const isKnown = help.emergency !== undefined || help.first !== undefined;
  const sections = helpSections(help).map((section) => <Section key={section.kind} section={section} />);
  return (
    <Screen title={t('help.title')}>
      {isKnown ? (
        <>
          {sections}
          <Country country={country} />
        </>
      ) : (
        // Nothing to call: why first, what to do about it next, and a list elsewhere only then.
        <>
          <p>{t(country === undefined ? 'help.noCountry' : 'help.noLines')}</p>
          <Country country={country} />
          {sections}
        </>
      )}
      <div class="stack">
        <label class="choice">
          <input
            type="checkbox"
            checked={audience === 'young'}
            onChange={(event) => setAudience(event.currentTarget.checked ? 'young' : 'everyone')}
          />
          <span>{t('help.young')}</span>
        </label>
        <button type="button" class="button" onClick={() => go({ at: 'breathe' })}>
          {t('breathe.title')}
        </button>
      </div>
      <p class="muted small">{t('help.honest')}</p>
    </Screen>
  );
}

function Section({ section }: { section: HelpSection }) {
  switch (section.kind) {
    case 'emergency':
      return (
        <section class="card emergency" aria-label={t('care.emergency')}>
          <p>{t('care.emergency')}</p>
          {section.emergency.numbers.map((number) => (
            <a key={number.tel} class="button" href={number.tel}>
              <span class="dial">{number.dial}</span>
              {section.emergency.numbers.length > 1 && <span>{t(`care.emergency.${number.service}`)}</span>}
              {number.from === 'mobile' && <span class="small">{t('care.emergency.mobileOnly')}</span>}
            </a>
          ))}
        </section>
      );
    case 'one-line':
      return (
        <section class="stack" aria-label={t('care.oneLine')}>
          <h2>{t('care.oneLine')}</h2>
          <Line view={section.line} />
        </section>
      );
    case 'if-nobody-answers':
      return (
        <details>
          <summary>{t('care.ifNobody')}</summary>
          <ol class="steps">
            {section.steps.map((step, i) => (
              <li key={i}>
                {t(step.key, { name: step.line?.row.localName ?? '' })}
                {step.line !== undefined && <Line view={step.line} />}
              </li>
            ))}
          </ol>
        </details>
      );
    case 'others':
      return (
        <details>
          <summary>{t('care.others')}</summary>
          <ul class="stack">
            {section.lines.map((line) => (
              <li key={line.row.id}>
                <Line view={line} />
              </li>
            ))}
          </ul>
        </details>
      );
    case 'international':
      return (
        <p>
          {t('care.international')}{' '}
          <a href={section.url} target="_blank" rel="noopener noreferrer">
            {section.name}
          </a>
        </p>
      );
  }
}

function Country({ country }: { country: string | undefined }) {
  const id = useId();
  const names = new Intl.DisplayNames([locale()], { type: 'region' });
  const codes = coveredCountries(lines.value);
  const listed = country === undefined || codes.includes(country) ? codes : [...codes, country];
  const sorted = [...listed].sort((a, b) => (names.of(a) ?? a).localeCompare(names.of(b) ?? b, locale()));
  return (
    <div class="field">
      <label for={id}>{t('help.country')}</label>
      <select
        id={id}
        class="select"
        value={country ?? ''}
        onChange={(event) => setPreferences({ country: event.currentTarget.value })}
      >
        {country === undefined && <option value="">{t('help.chooseCountry')}</option>}
        {sorted.map((code) => (
          <option key={code} value={code}>
            {names.of(code)}
          </option>
        ))}
      </select>
      <p class="muted small">{t('help.countryWords')}</p>
    </div>
  );
}
